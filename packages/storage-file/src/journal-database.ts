import type { EventRecord, QueueInfo, ResultRecord, SequencedTask as Row } from "@omniq/core/storage";
import type { JournalContent, JournalError } from "@omniq/journal";
import { ArchivedDatabase } from "./archived-database.ts";
import { type ArchiveSource, ArchivedTasks } from "./archived-tasks.ts";
import { archivesIn, idsIn } from "./damaged-line.ts";
import { Damages } from "./damages.ts";
import type { ArchiveState, ArchivedEntry, Damage, Entry } from "./entries.ts";
import { parsedElements } from "./elements.ts";
import { countIn, isIn } from "./ranges.ts";
import { claimedRow, createdRow, putEntry, succeededRow } from "./steps.ts";
import { eventJson, resultJson, wholeEvent, wholeLastResult, wholeTask } from "./written.ts";

/**
 * The form of the entries; raised when an older release could not read them. 2: archives. 3: short entries. 4: new tasks
 * that leave out what is usual.
 */
const FORMAT = { name: "omniq-tasks", version: 4 } as const;

/** What the id of a task that cannot be read stands for: no content that anybody asks to store. */
const UNREADABLE = "";

/** The memory store's database, as the records of a journal build it up, with most of the finished tasks in archives. */
export class JournalDatabase extends ArchivedDatabase implements JournalContent {
  readonly format = FORMAT;
  readonly #damages = new Damages();
  readonly #onDamage: (error: JournalError) => void;

  /** @param source where the archives are */
  constructor(onDamage: (error: JournalError) => void, source: ArchiveSource) {
    super(new ArchivedTasks(source, onDamage));
    this.#onDamage = onDamage;
  }

  /** How many tasks cannot be read, as far as is known. */
  get unreadable(): number {
    return this.archived.all.reduce((sum, archive) => sum + archive.unreadable, this.#damages.size);
  }

  /** Where the damage is that keeps a task from being read. */
  damageOf(id: string): { readonly path: string; readonly offset: number } | undefined {
    return this.#damages.of(id) ?? (this.isInMemory(id) ? undefined : this.archived.unreadableOf(id));
  }

  override find(id: string): Row | undefined {
    return this.#damages.of(id) ? undefined : super.find(id);
  }

  /** The id of a task that cannot be read is taken: no second task comes under it. */
  override has(id: string): boolean {
    return super.has(id) || this.damageOf(id) !== undefined;
  }

  override digestOf(id: string): string | undefined {
    // Nearly all that are asked for are new.
    if (!this.isInMemory(id) && !this.archived.mayKnow(id) && !this.#damages.of(id)) return undefined;
    return super.digestOf(id) ?? (this.damageOf(id) && UNREADABLE);
  }

  override clear(): void {
    this.#empty();
  }

  /** Releases what is open. */
  close(): void {
    this.archived.close();
  }

  caughtUp(): void {
    this.archived.open(this.rows.sequences(), !this.#damages.concernArchives);
  }

  archives(): ReadonlySet<string> | null {
    return this.#damages.concernArchives ? null : this.archived.names;
  }

  apply(json: Buffer): void {
    for (const entry of parsedElements(json)) this.#apply(entry as Entry);
  }

  damaged(line: string, error: JournalError): void {
    const ids = idsIn(line);
    // One line may stand for a million tasks.
    for (const name of archivesIn(line)) this.archived.addFound(name);
    this.#keepDamage({ ids, path: error.path, offset: error.offset ?? 0, line });
    this.#onDamage(error);
  }

  snapshot(): Iterable<string> {
    return this.#snapshotOf(
      { sequence: this.lastSequence, token: this.lastToken },
      [...this.queues.values()],
      this.#damages.all,
      this.archived.all.map(({ state }) => state),
      this.rows.freeze(),
      this.results.freeze(),
      [...this.events],
    );
  }

  size(): number {
    return this.rows.size + this.results.size + this.events.length;
  }

  *#snapshotOf(
    counters: { readonly sequence: number; readonly token: number },
    queues: readonly QueueInfo[],
    damages: readonly Damage[],
    archives: readonly ArchiveState[],
    rows: Iterable<Row>,
    results: Iterable<ResultRecord>,
    events: readonly EventRecord[],
  ): Generator<string> {
    const line = (entry: Entry): string => `[${JSON.stringify(entry)}]`;
    yield line({ counters });
    for (const queue of queues) yield line({ queue });
    for (const damage of damages) yield line({ damaged: damage });
    for (const archive of archives) yield line({ archived: archive });
    for (const row of rows) yield `[${putEntry(row, true)}]`;
    for (const result of results) yield `[{"result":${resultJson(result)}}]`;
    for (const event of events) yield `[{"event":${eventJson(event)}}]`;
  }

  #apply(entry: Entry): void {
    if ("new" in entry) {
      this.#put(createdRow(entry.new));
    } else if ("claim" in entry) {
      this.#change(entry.claim.id, (old) => claimedRow(old, entry.claim));
    } else if ("settle" in entry) {
      this.#change(entry.settle.id, (old) => succeededRow(old, entry.settle));
    } else if ("change" in entry) {
      this.#change(entry.change.id, (old) => ({ ...old, ...entry.change }));
    } else if ("put" in entry) {
      this.#put(wholeTask(entry.put));
    } else if ("gone" in entry) {
      this.#damages.forget(entry.gone);
      super.remove(entry.gone);
    } else if ("result" in entry) {
      const result = wholeLastResult(entry.result, this.inMemory(entry.result.taskId));
      if (result) super.putResult(result);
    } else if ("resultGone" in entry) {
      const { taskId, run } = entry.resultGone;
      if (run === null) super.removeResults(taskId);
      else super.removeResult(taskId, run);
    } else if ("event" in entry) {
      this.lastSequence = Math.max(this.lastSequence, entry.event.sequence);
      super.addEvent(wholeEvent(entry.event));
    } else if ("eventsGone" in entry) {
      super.removeEvents(new Set(entry.eventsGone));
    } else if ("queue" in entry) {
      super.setQueue(entry.queue);
    } else if ("counters" in entry) {
      this.lastSequence = Math.max(this.lastSequence, entry.counters.sequence);
      this.lastToken = Math.max(this.lastToken, entry.counters.token);
    } else if ("archived" in entry) {
      this.takeArchive(entry.archived);
    } else if ("archivedGone" in entry) {
      this.archived.mark(entry.archivedGone.file, entry.archivedGone);
    } else if ("damaged" in entry) {
      this.#keepDamage(entry.damaged);
    } else if ("cleared" in entry) {
      this.#empty();
    }
    // What a later release has added is not for this one: a form that must be understood raises the version.
  }

  #put(row: Row): void {
    this.#sawToken(row.token ?? row.settledToken);
    this.lastSequence = Math.max(this.lastSequence, row.sequence);
    this.#damages.forget(row.id);
    super.put(row);
  }

  /** Nothing is to be changed of a task that cannot be read. */
  #change(id: string, work: (old: Row) => Row): void {
    const old = this.inMemory(id);
    if (!old) return;
    const row = work(old);
    this.#sawToken(row.token);
    super.put(row);
  }

  /** From now on an archive has what it says that it takes over. */
  protected takeArchive({ sequences = [], replaces = [], ...state }: ArchivedEntry): void {
    for (const name of replaces) this.archived.drop(name);
    this.archived.add(state);
    const count = countIn(sequences);
    const leaving: number[] = [];
    for (const slot of this.finished) {
      // They are among those that finished first.
      if (leaving.length === count) break;
      if (isIn(sequences, this.rows.sequenceOf(slot))) leaving.push(slot);
    }
    for (const slot of leaving) {
      super.removeResult(this.rows.idOf(slot), this.rows.runOf(slot));
      this.removeAt(slot);
    }
  }

  #empty(): void {
    super.clear();
    this.archived.clear();
    this.#damages.clear();
  }

  /** Nothing is handed out of a task that is known in part only. */
  #keepDamage(damage: Damage): void {
    this.#damages.keep(damage);
    for (const id of damage.ids) super.remove(id);
  }

  #sawToken(token: string | null | undefined): void {
    if (token) this.lastToken = Math.max(this.lastToken, Number(token));
  }
}
