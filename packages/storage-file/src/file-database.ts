import { systemClock } from "@omniq/core";
import type { EventRecord, QueueInfo, ResultRecord, SequencedTask as Row } from "@omniq/core/storage";
import type { JournalContent, JournalError, Update } from "@omniq/journal";
import { MemoryDatabase } from "@omniq/storage-memory";
import { idsIn } from "./damaged-line.ts";
import { type Damage, type Entry, wholeEvent, wholeResult, wholeTask, withoutNulls } from "./entries.ts";

/** The form of the entries; raised when an older release could not read them. */
const FORMAT = { name: "omniq-tasks", version: 1 } as const;

/**
 * The memory store's database, as the records of a journal build it up. While it records, every change to it is also
 * put down as an entry: the row that came of it, never the call that led to it, so that no decision is made twice.
 */
export class FileDatabase extends MemoryDatabase implements JournalContent {
  readonly format = FORMAT;
  /** What cannot be read, by the id of the task that it is about. */
  readonly damages = new Map<string, Damage>();
  /** Those of which nobody knows what they are about. */
  #nameless: Damage[] = [];
  readonly #onDamage: (error: JournalError) => void;
  readonly #shared = new Map<string, string>();
  /** The lines being recorded; null where nothing is. */
  #lines: string[] | null = null;
  #entries: string[] = [];
  #isSplitting = false;

  constructor(onDamage: (error: JournalError) => void) {
    super();
    this.#onDamage = onDamage;
  }

  /**
   * Does some work and puts down what it changes.
   *
   * @param work is given a function that ends a line: what is between two ends is stored whole or not at all.
   */
  record<T>(work: (endLine: () => void) => T): Update<T> {
    const lines: string[] = [];
    this.#lines = lines;
    this.#entries = [];
    try {
      const value = work(() => this.#endLine());
      this.#endLine();
      return { value, records: lines };
    } finally {
      this.#lines = null;
      this.#isSplitting = false;
    }
  }

  /** From here on until the work is done, each task has a line of its own. */
  splitByTask(): void {
    this.#endLine();
    this.#isSplitting = true;
  }

  /** Kept above the time in microseconds, so that an older copy of the folder never gives a token again. */
  override nextToken(): string {
    this.lastToken = Math.max(this.lastToken, systemClock.now() * 1000);
    return super.nextToken();
  }

  override put(row: Row): void {
    const old = this.rows.get(row.id);
    this.#log(() => (old ? { change: changesOf(old, row) } : { put: withoutNulls(row) }), true);
    super.put(row);
  }

  override remove(id: string): void {
    if (this.rows.has(id)) this.#log(() => ({ gone: id }), true);
    super.remove(id);
  }

  override putResult(result: ResultRecord): void {
    this.#log(() => ({ result: withoutNulls(result) }));
    super.putResult(result);
  }

  override removeResult(taskId: string, run: number): boolean {
    const isThere = super.removeResult(taskId, run);
    if (isThere) this.#log(() => ({ resultGone: { taskId, run } }));
    return isThere;
  }

  override removeResults(taskId: string): boolean {
    const isThere = super.removeResults(taskId);
    if (isThere) this.#log(() => ({ resultGone: { taskId, run: null } }));
    return isThere;
  }

  override addEvent(event: EventRecord): void {
    this.#log(() => ({ event: withoutNulls(event) }));
    super.addEvent(event);
  }

  override removeEvents(sequences: ReadonlySet<number>): void {
    if (sequences.size > 0) this.#log(() => ({ eventsGone: [...sequences] }));
    super.removeEvents(sequences);
  }

  override setQueue(queue: QueueInfo): void {
    this.#log(() => ({ queue }));
    super.setQueue(queue);
  }

  override clear(): void {
    this.#log(() => ({ cleared: true }));
    super.clear();
    this.#forgetDamages();
  }

  apply(record: unknown): void {
    for (const entry of record as readonly Entry[]) this.#apply(entry);
  }

  damaged(line: string, error: JournalError): void {
    const ids = idsIn(line);
    this.#keepDamage({ ids, path: error.path, offset: error.offset ?? 0, line });
    this.#onDamage(error);
  }

  snapshot(): Iterable<string> {
    return this.#snapshotOf(
      { sequence: this.lastSequence, token: this.lastToken },
      [...this.queues.values()],
      [...this.#nameless, ...new Set(this.damages.values())],
      [...this.rows.values()],
      [...this.results.values()].flatMap((runs) => [...runs.values()]),
      [...this.events],
    );
  }

  *#snapshotOf(
    counters: { readonly sequence: number; readonly token: number },
    queues: readonly QueueInfo[],
    damages: readonly Damage[],
    rows: readonly Row[],
    results: readonly ResultRecord[],
    events: readonly EventRecord[],
  ): Generator<string> {
    const line = (entry: Entry): string => `[${JSON.stringify(entry)}]`;
    yield line({ counters });
    for (const queue of queues) yield line({ queue });
    for (const damage of damages) yield line({ damaged: damage });
    for (const row of rows) yield line({ put: withoutNulls(row) });
    for (const result of results) yield line({ result: withoutNulls(result) });
    for (const event of events) yield line({ event: withoutNulls(event) });
  }

  #apply(entry: Entry): void {
    if ("change" in entry) {
      const old = this.rows.get(entry.change.id);
      if (!old) return;
      this.#sawToken(entry.change.token);
      super.put({ ...old, ...entry.change });
    } else if ("put" in entry) {
      const row = this.#slim(wholeTask(entry.put));
      this.#sawToken(row.token ?? row.settledToken);
      this.lastSequence = Math.max(this.lastSequence, row.sequence);
      this.damages.delete(row.id);
      super.put(row);
    } else if ("gone" in entry) {
      this.damages.delete(entry.gone);
      super.remove(entry.gone);
    } else if ("result" in entry) {
      super.putResult(wholeResult(entry.result));
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
    } else if ("damaged" in entry) {
      this.#keepDamage(entry.damaged);
    } else if ("cleared" in entry) {
      super.clear();
      this.#forgetDamages();
    }
    // What a later release has added is not for this one: a form that must be understood raises the version.
  }

  /** Nothing is handed out of a task that is known in part only. */
  #keepDamage(damage: Damage): void {
    if (damage.ids.length === 0) this.#nameless.push(damage);
    for (const id of damage.ids) {
      super.remove(id);
      this.damages.set(id, damage);
    }
  }

  #forgetDamages(): void {
    this.damages.clear();
    this.#nameless = [];
  }

  #sawToken(token: string | null | undefined): void {
    if (token) this.lastToken = Math.max(this.lastToken, Number(token));
  }

  /** Many tasks have the same name, queue and policies; one copy of each text is enough. */
  #slim(row: Row): Row {
    return {
      ...row,
      name: this.#share(row.name),
      queue: this.#share(row.queue),
      format: this.#share(row.format),
      policies: row.policies === null ? null : this.#share(row.policies),
    };
  }

  #share(text: string): string {
    const known = this.#shared.get(text);
    if (known !== undefined) return known;
    if (this.#shared.size >= MOST_SHARED) this.#shared.clear();
    this.#shared.set(text, text);
    return text;
  }

  #log(entry: () => Entry, isAboutAnotherTask = false): void {
    if (!this.#lines) return;
    if (isAboutAnotherTask && this.#isSplitting) this.#endLine();
    this.#entries.push(JSON.stringify(entry()));
  }

  #endLine(): void {
    if (this.#entries.length > 0) this.#lines?.push(`[${this.#entries.join(",")}]`);
    this.#entries = [];
  }
}

const MOST_SHARED = 10_000;

/** The fields that differ, and the id. */
function changesOf(old: Row, row: Row): Partial<Row> & { readonly id: string } {
  const changes: Record<string, unknown> = { id: row.id };
  for (const name of Object.keys(row) as (keyof Row)[]) {
    if (row[name] !== old[name]) changes[name] = row[name];
  }
  return changes as Partial<Row> & { readonly id: string };
}
