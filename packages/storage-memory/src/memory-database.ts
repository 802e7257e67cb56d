import {
  type EventRecord,
  type ListHookParams,
  type ListResultsHookParams,
  type ListResultsHookResult,
  type PurgeHookParams,
  type QueueInfo,
  type ResultRecord,
  type SequencedTask as Row,
  type TaskCount,
  isFinished,
} from "@omniq/core/storage";
import { ObjectResults, type ResultTable } from "./result-table.ts";
import { type Kind, ObjectRows, type RowTable } from "./row-table.ts";
import { SortedList } from "./sorted-list.ts";

/** Which tasks a list is about; null for all. */
export type TaskFilter = Pick<ListHookParams, "queue" | "status" | "name">;

/** The waiting and the running tasks of one queue, in the order in which a claim wants them. */
interface QueueIndex {
  readonly waiting: Map<number, SortedList>;
  readonly leases: SortedList;
}

/**
 * What a memory store keeps. Stores that share one database see the same tasks, as connections to one server do.
 */
export class MemoryDatabase {
  readonly rows: RowTable;
  readonly results: ResultTable;
  events: EventRecord[] = [];
  readonly queues = new Map<string, QueueInfo>();
  /** Those who want to hear that something may be due. */
  readonly watchers = new Set<() => void>();
  /** How many rows claims have looked at. */
  examined = 0;
  readonly #byInstant: (a: number, b: number) => number;
  readonly #byLatest: (a: number, b: number) => number;
  readonly #indexes = new Map<string, QueueIndex>();
  readonly #liveByDedupeKey = new Map<string, SortedList>();
  /** The finished tasks that have an instant of their end, those that finished first. */
  protected readonly finished: SortedList;
  /** The last numbers that were given. */
  protected lastSequence = 0;
  protected lastToken = 0;

  constructor(rows: RowTable = new ObjectRows(), results: ResultTable = new ObjectResults()) {
    this.rows = rows;
    this.results = results;
    this.#byLatest = (a, b) => rows.sequenceOf(b) - rows.sequenceOf(a);
    this.#byInstant = (a, b) =>
      rows.instantOf(a) - rows.instantOf(b) || rows.sequenceOf(a) - rows.sequenceOf(b);
    this.finished = new SortedList(this.#byInstant);
  }

  nextSequence(): number {
    return ++this.lastSequence;
  }

  /** Tokens have one width, so that later ones sort after earlier ones as text. */
  nextToken(): string {
    return String(++this.lastToken).padStart(16, "0");
  }

  find(id: string): Row | undefined {
    const slot = this.rows.slotOf(id);
    return slot === undefined ? undefined : this.rows.read(slot);
  }

  has(id: string): boolean {
    return this.rows.slotOf(id) !== undefined;
  }

  /** What the content of a second task under the id is compared with. */
  digestOf(id: string): string | undefined {
    return this.find(id)?.contentDigest;
  }

  put(row: Row): void {
    const known = this.rows.slotOf(row.id);
    if (known !== undefined) this.#leaveLists(known);
    this.join(this.rows.put(row), row);
  }

  /** Puts a row whose id is free. */
  create(row: Row): void {
    this.put(row);
  }

  remove(id: string): void {
    const slot = this.rows.slotOf(id);
    if (slot !== undefined) this.removeAt(slot);
  }

  putResult(result: ResultRecord): void {
    this.results.put(result);
  }

  /** Whether there was one. */
  removeResult(taskId: string, run: number): boolean {
    return this.results.remove(taskId, run);
  }

  /** Whether there were any. */
  removeResults(taskId: string): boolean {
    return this.results.removeAll(taskId);
  }

  addEvent(event: EventRecord): void {
    this.events.push(event);
  }

  removeEvents(sequences: ReadonlySet<number>): void {
    this.events = this.events.filter(({ sequence }) => !sequences.has(sequence));
  }

  setQueue(queue: QueueInfo): void {
    this.queues.set(queue.name, queue);
  }

  clear(): void {
    this.rows.clear();
    this.results.clear();
    this.events = [];
    this.queues.clear();
    this.#indexes.clear();
    this.#liveByDedupeKey.clear();
    this.finished.clear();
  }

  /** Tasks after a place in the order of enqueueing, at most `limit`. */
  listTasks(filter: TaskFilter, after: number, limit: number): Row[] {
    const found: Row[] = [];
    for (const slot of this.rows.after(after)) {
      if (!isAmong(filter, this.rows.kindOf(slot))) continue;
      found.push(this.rows.read(slot));
      if (found.length >= limit) break;
    }
    return found;
  }

  countTasks(): readonly TaskCount[] {
    const counts = new Map<string, TaskCount>();
    for (const slot of this.rows.after(0)) {
      const { queue, status } = this.rows.kindOf(slot);
      const key = `${status} ${queue}`;
      counts.set(key, { queue, status, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  /** Removes finished tasks from before an instant, those that finished first, and answers how many. */
  purge({ before, limit, status }: PurgeHookParams): number {
    const old: string[] = [];
    for (const slot of this.finished) {
      if (old.length >= limit || this.rows.instantOf(slot) >= before) break;
      if (status === null || this.rows.kindOf(slot).status === status) old.push(this.rows.idOf(slot));
    }
    for (const id of old) this.remove(id);
    return old.length;
  }

  resultsOf(taskId: string): readonly ResultRecord[] {
    return this.results.of(taskId);
  }

  /** A page ends with a task. */
  listResults({ cursor, limit }: ListResultsHookParams): ListResultsHookResult {
    const found: ResultRecord[] = [];
    for (const { next, results } of this.results.from(Number(cursor ?? 0))) {
      found.push(...results);
      if (found.length >= limit) return { results: found, cursor: String(next) };
    }
    return { results: found, cursor: null };
  }

  /** Removes results whose time is over, and answers how many. */
  purgeResults(limit: number, now: number): number {
    const purged = this.results.expired(now, limit);
    for (const { taskId, run } of purged) this.removeResult(taskId, run);
    return purged.length;
  }

  /** The live task with this key that was created last. */
  liveByDedupeKey(key: string): Row | undefined {
    const slot = this.#liveByDedupeKey.get(key)?.first();
    return slot === undefined ? undefined : this.rows.read(slot);
  }

  /** Running tasks of the queue whose lease is over, the longest over first. */
  lapsed(queue: string, now: number, limit: number): Row[] {
    return this.#leading(this.#index(queue).leases, now, limit);
  }

  /** Waiting tasks of the queue that are due: by priority, due time and enqueue order. */
  due(queue: string, now: number, limit: number): Row[] {
    const found: Row[] = [];
    for (const [, list] of [...this.#index(queue).waiting].sort(([a], [b]) => b - a)) {
      if (found.length >= limit) break;
      found.push(...this.#leading(list, now, limit - found.length));
    }
    return found;
  }

  /** The earliest instant at which a claim from the queue could find something. */
  nextDue(queue: string): number | null {
    const { waiting, leases } = this.#index(queue);
    const first = [...waiting.values(), leases]
      .map((list) => list.first())
      .filter((slot) => slot !== undefined);
    return first.length === 0 ? null : Math.min(...first.map((slot) => this.rows.instantOf(slot)));
  }

  /** The rows of a list from before an instant, at most `limit`. */
  #leading(list: SortedList, now: number, limit: number): Row[] {
    return list
      .take(limit, (slot) => this.#examine(this.rows.instantOf(slot), now))
      .map((slot) => this.rows.read(slot));
  }

  protected removeAt(slot: number): void {
    this.#leaveLists(slot);
    this.rows.remove(slot);
  }

  #examine(instant: number, now: number): boolean {
    this.examined++;
    return instant <= now;
  }

  /** Takes a row, which has been put in a slot, into the lists that it belongs to. */
  protected join(slot: number, row: Row): void {
    if (!this.queues.has(row.queue)) this.setQueue({ name: row.queue, paused: false });
    this.#listFor(row)?.add(slot);
    if (row.dedupeKey === null || isFinished(row.status)) return;
    let twins = this.#liveByDedupeKey.get(row.dedupeKey);
    if (!twins) this.#liveByDedupeKey.set(row.dedupeKey, (twins = new SortedList(this.#byLatest)));
    twins.add(slot);
  }

  #leaveLists(slot: number): void {
    // Many that have finished go at once: they are not read for that.
    if (isFinished(this.rows.kindOf(slot).status)) {
      this.finished.remove(slot);
      return;
    }
    const row = this.rows.read(slot);
    this.#listFor(row)?.remove(slot);
    if (row.dedupeKey === null) return;
    const twins = this.#liveByDedupeKey.get(row.dedupeKey);
    twins?.remove(slot);
    if (twins?.size === 0) this.#liveByDedupeKey.delete(row.dedupeKey);
  }

  /** The list that a row of this state belongs to, if any. */
  #listFor(row: Row): SortedList | null {
    if (isFinished(row.status)) return row.finishedAt === null ? null : this.finished;
    const { waiting, leases } = this.#index(row.queue);
    if (row.status === "RUNNING") return leases;
    if (row.status !== "PENDING" || row.holds !== null) return null;
    let list = waiting.get(row.priority);
    if (!list) waiting.set(row.priority, (list = new SortedList(this.#byInstant)));
    return list;
  }

  #index(queue: string): QueueIndex {
    let index = this.#indexes.get(queue);
    if (!index) {
      index = { waiting: new Map(), leases: new SortedList(this.#byInstant) };
      this.#indexes.set(queue, index);
    }
    return index;
  }
}

function isAmong({ queue, status, name }: TaskFilter, kind: Kind): boolean {
  return (
    (queue === null || kind.queue === queue) &&
    (status === null || kind.status === status) &&
    (name === null || kind.name === name)
  );
}
