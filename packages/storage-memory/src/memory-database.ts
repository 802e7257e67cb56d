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
  isExpired,
  isFinished,
} from "@omniq/core/storage";
import { SortedList } from "./sorted-list.ts";

/** Which tasks a list is about; null for all. */
export type TaskFilter = Pick<ListHookParams, "queue" | "status" | "name">;

/** The waiting and the running tasks of one queue, in the order in which a claim wants them. */
interface QueueIndex {
  readonly waiting: Map<number, SortedList<Row>>;
  readonly leases: SortedList<Row>;
}

/**
 * What a memory store keeps. Stores that share one database see the same tasks, as connections to one server do.
 */
export class MemoryDatabase {
  readonly rows = new Map<string, Row>();
  readonly results = new Map<string, Map<number, ResultRecord>>();
  events: EventRecord[] = [];
  readonly queues = new Map<string, QueueInfo>();
  /** Those who want to hear that something may be due. */
  readonly watchers = new Set<() => void>();
  /** How many rows claims have looked at. */
  examined = 0;
  readonly #indexes = new Map<string, QueueIndex>();
  readonly #liveByDedupeKey = new Map<string, SortedList<Row>>();
  readonly #finished = new SortedList<Row>(byFinish);
  /** The highest sequence among the rows, while they stand in the order of enqueueing; else null. */
  #highest: number | null = 0;
  /** The last numbers that were given. */
  protected lastSequence = 0;
  protected lastToken = 0;

  nextSequence(): number {
    return ++this.lastSequence;
  }

  /** Tokens have one width, so that later ones sort after earlier ones as text. */
  nextToken(): string {
    return String(++this.lastToken).padStart(16, "0");
  }

  find(id: string): Row | undefined {
    return this.rows.get(id);
  }

  has(id: string): boolean {
    return this.rows.has(id);
  }

  /** What the content of a second task under the id is compared with. */
  digestOf(id: string): string | undefined {
    return this.find(id)?.contentDigest;
  }

  put(row: Row): void {
    // A row that stays keeps its place, so that rows stand in the order of enqueueing.
    const old = this.rows.get(row.id);
    if (old) this.#leaveIndexes(old);
    else if (this.#highest !== null) this.#highest = row.sequence < this.#highest ? null : row.sequence;
    this.rows.set(row.id, row);
    if (!this.queues.has(row.queue)) this.setQueue({ name: row.queue, paused: false });
    if (!isFinished(row.status)) this.#twinsOf(row)?.add(row);
    this.#listFor(row)?.add(row);
  }

  remove(id: string): void {
    const row = this.rows.get(id);
    if (!row) return;
    this.rows.delete(id);
    this.#leaveIndexes(row);
  }

  putResult(result: ResultRecord): void {
    let runs = this.results.get(result.taskId);
    if (!runs) this.results.set(result.taskId, (runs = new Map()));
    runs.set(result.run, result);
  }

  /** Whether there was one. */
  removeResult(taskId: string, run: number): boolean {
    const runs = this.results.get(taskId);
    if (!runs?.delete(run)) return false;
    if (runs.size === 0) this.results.delete(taskId);
    return true;
  }

  /** Whether there were any. */
  removeResults(taskId: string): boolean {
    return this.results.delete(taskId);
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
    this.#finished.clear();
    this.#highest = 0;
  }

  /** Tasks after a place in the order of enqueueing, at most `limit`. */
  listTasks(filter: TaskFilter, after: number, limit: number): Row[] {
    this.#sortRows();
    const found: Row[] = [];
    for (const row of this.rows.values()) {
      if (row.sequence <= after || !isAmong(filter, row)) continue;
      found.push(row);
      if (found.length >= limit) break;
    }
    return found;
  }

  countTasks(): readonly TaskCount[] {
    const counts = new Map<string, TaskCount>();
    for (const { queue, status } of this.rows.values()) {
      const key = `${status} ${queue}`;
      counts.set(key, { queue, status, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  /** Removes finished tasks from before an instant, those that finished first, and answers how many. */
  purge({ before, limit, status }: PurgeHookParams): number {
    const old: Row[] = [];
    for (const row of this.#finished) {
      if (old.length >= limit || (row.finishedAt as number) >= before) break;
      if (status === null || row.status === status) old.push(row);
    }
    for (const { id } of old) this.remove(id);
    return old.length;
  }

  resultsOf(taskId: string): readonly ResultRecord[] {
    return [...(this.results.get(taskId)?.values() ?? [])];
  }

  /** By task, in the order in which each had its first result; a page ends with a task. */
  listResults({ cursor, limit }: ListResultsHookParams): ListResultsHookResult {
    const results: ResultRecord[] = [];
    const first = Number(cursor ?? 0);
    let passed = 0;
    for (const runs of this.results.values()) {
      if (passed++ < first) continue;
      results.push(...runs.values());
      if (results.length >= limit) break;
    }
    return { results, cursor: passed < this.results.size ? String(passed) : null };
  }

  /** Removes results whose time is over, and answers how many. */
  purgeResults(limit: number, now: number): number {
    const expired: ResultRecord[] = [];
    for (const runs of this.results.values()) {
      if (expired.length >= limit) break;
      for (const result of runs.values()) if (isExpired(result, now)) expired.push(result);
    }
    const purged = expired.slice(0, limit);
    for (const { taskId, run } of purged) this.removeResult(taskId, run);
    return purged.length;
  }

  /** The live task with this key that was created last. */
  liveByDedupeKey(key: string): Row | undefined {
    return this.#liveByDedupeKey.get(key)?.first();
  }

  /** Running tasks of the queue whose lease is over, the longest over first. */
  lapsed(queue: string, now: number, limit: number): Row[] {
    return this.#index(queue).leases.take(limit, (row) => this.#examine(row.leaseUntil as number, now));
  }

  /** Waiting tasks of the queue that are due: by priority, due time and enqueue order. */
  due(queue: string, now: number, limit: number): Row[] {
    const { waiting } = this.#index(queue);
    const found: Row[] = [];
    for (const priority of [...waiting.keys()].sort((a, b) => b - a)) {
      if (found.length >= limit) break;
      found.push(
        ...(waiting.get(priority)?.take(limit - found.length, (row) => this.#examine(row.eta, now)) ?? []),
      );
    }
    return found;
  }

  /** The earliest instant at which a claim from the queue could find something. */
  nextDue(queue: string): number | null {
    const { waiting, leases } = this.#index(queue);
    const instants = [...waiting.values()].map((list) => list.first()?.eta);
    instants.push(leases.first()?.leaseUntil ?? undefined);
    const known = instants.filter((instant) => instant !== undefined);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** The finished tasks that have an instant of their end, those that finished first. */
  protected get finished(): SortedList<Row> {
    return this.#finished;
  }

  #sortRows(): void {
    if (this.#highest !== null) return;
    const rows = [...this.rows.values()].sort((a, b) => a.sequence - b.sequence);
    this.rows.clear();
    for (const row of rows) this.rows.set(row.id, row);
    this.#highest = rows.at(-1)?.sequence ?? 0;
  }

  #leaveIndexes(row: Row): void {
    this.#twinsOf(row)?.remove(row);
    this.#listFor(row)?.remove(row);
  }

  #examine(instant: number, now: number): boolean {
    this.examined++;
    return instant <= now;
  }

  /** The live tasks with the row's key, the latest first. */
  #twinsOf({ dedupeKey }: Row): SortedList<Row> | null {
    if (dedupeKey === null) return null;
    let twins = this.#liveByDedupeKey.get(dedupeKey);
    if (!twins) this.#liveByDedupeKey.set(dedupeKey, (twins = new SortedList(byLatest)));
    return twins;
  }

  /** The list that a row of this state belongs to, if any. */
  #listFor(row: Row): SortedList<Row> | null {
    if (isFinished(row.status)) return row.finishedAt === null ? null : this.#finished;
    const { waiting, leases } = this.#index(row.queue);
    if (row.status === "RUNNING") return leases;
    if (row.status !== "PENDING" || row.holds !== null) return null;
    let list = waiting.get(row.priority);
    if (!list) waiting.set(row.priority, (list = new SortedList(byDue)));
    return list;
  }

  #index(queue: string): QueueIndex {
    let index = this.#indexes.get(queue);
    if (!index) this.#indexes.set(queue, (index = { waiting: new Map(), leases: new SortedList(byLease) }));
    return index;
  }
}

function isAmong({ queue, status, name }: TaskFilter, row: Row): boolean {
  return (
    (queue === null || row.queue === queue) &&
    (status === null || row.status === status) &&
    (name === null || row.name === name)
  );
}

function byFinish(a: Row, b: Row): number {
  return (a.finishedAt as number) - (b.finishedAt as number) || a.sequence - b.sequence;
}

function byLatest(a: Row, b: Row): number {
  return b.sequence - a.sequence;
}

function byDue(a: Row, b: Row): number {
  return a.eta - b.eta || a.sequence - b.sequence;
}

function byLease(a: Row, b: Row): number {
  return (a.leaseUntil as number) - (b.leaseUntil as number) || a.sequence - b.sequence;
}
