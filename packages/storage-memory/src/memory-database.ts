import {
  type EventRecord,
  type QueueInfo,
  type ResultRecord,
  type SequencedTask as Row,
  isFinished,
} from "@omniq/core/storage";
import { SortedList } from "./sorted-list.ts";

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

  put(row: Row): void {
    // A row that stays keeps its place, so that rows stand in the order of enqueueing.
    const old = this.rows.get(row.id);
    if (old) this.#leaveIndexes(old);
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

function byLatest(a: Row, b: Row): number {
  return b.sequence - a.sequence;
}

function byDue(a: Row, b: Row): number {
  return a.eta - b.eta || a.sequence - b.sequence;
}

function byLease(a: Row, b: Row): number {
  return (a.leaseUntil as number) - (b.leaseUntil as number) || a.sequence - b.sequence;
}
