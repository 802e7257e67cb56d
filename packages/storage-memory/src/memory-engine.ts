import {
  type DequeueHookParams,
  type DequeueHookResult,
  type EventInsert,
  type EventsHookParams,
  type EventsHookResult,
  type ImportedTask,
  type InsertAnswer,
  type ListHookParams,
  type ListHookResult,
  type QueueInfo,
  type RenewHookAnswer,
  type RenewHookItem,
  type ResultHookParams,
  type ResultKey,
  type ResultRecord,
  type SequencedTask,
  type StoredTask,
  type TaskInsert,
  type TaskWrite,
  type WriteAnswer,
  changedRow,
  claimEvent,
  dueAt,
  guardHolds,
  importedRow,
  isExpired,
  leasedRow,
  newResult,
  newRow,
  recordOf,
  renewedRow,
  writtenRow,
  type EventImport,
} from "@omniq/core/storage";
import type { MemoryDatabase } from "./memory-database.ts";

/**
 * What the hooks of the contract do to a database in memory, each for one item where items are independent of each
 * other. It is synchronous and is given the time, so that a store can do with it what must be done in one step.
 */
export class MemoryEngine {
  readonly #database: MemoryDatabase;

  constructor(database: MemoryDatabase) {
    this.#database = database;
  }

  /** A group stands or falls together. */
  insertGroup(group: readonly TaskInsert[], now: number): InsertAnswer[] {
    if (group.length === 1) return [this.#insert(group[0] as TaskInsert, now)];
    const digests = new Map<string, string>();
    const known = group.map(({ id, contentDigest }) => {
      const digest = this.#database.digestOf(id) ?? digests.get(id);
      if (digest === undefined) digests.set(id, contentDigest);
      return digest;
    });
    const isOther = ({ contentDigest }: TaskInsert, index: number): boolean =>
      known[index] !== undefined && known[index] !== contentDigest;
    if (group.some(isOther)) {
      return group.map((insert, index) => ({
        status: isOther(insert, index) ? "duplicate" : "existing",
        id: insert.id,
      }));
    }
    return group.map((insert, index) =>
      known[index] === undefined ? this.#create(insert, now) : this.#insert(insert, now),
    );
  }

  dequeue(params: DequeueHookParams, now: number): DequeueHookResult {
    const { workerId, leaseMs, events } = params;
    const lease = { token: this.#database.nextToken(), workerId, leaseMs };
    const claimed: StoredTask[] = [];
    const recovered: StoredTask[] = [];
    for (const { name, limit } of params.queues) {
      if (this.#database.queues.get(name)?.paused) continue;
      let room = Math.min(limit, params.limit - claimed.length - recovered.length);
      for (const row of this.#database.lapsed(name, now, room)) {
        recovered.push(this.#put(leasedRow(row, lease, now)));
        if (events.recovered) this.addEvents([claimEvent(row, events.recovered)], now);
        room--;
      }
      for (const row of this.#database.due(name, now, room)) {
        const task = this.#put(leasedRow(row, lease, now));
        claimed.push(task);
        if (events.claimed) this.addEvents([claimEvent(task, events.claimed)], now);
      }
    }
    return { now, claimed, recovered };
  }

  write(write: TaskWrite, now: number): WriteAnswer {
    const row = this.#database.find(write.id);
    if (!row || !guardHolds(write, row)) return { written: false, current: row ? { ...row } : null };
    const next = writtenRow(write, row, now);
    if (next) this.#put(next);
    else this.#database.remove(write.id);
    if (write.dropResults === "all") this.#database.removeResults(write.id);
    else if (write.dropResults !== null) this.#database.removeResult(write.id, write.dropResults);
    if (write.result) this.#database.putResult(newResult(write.id, write.result, null, now));
    this.addEvents(write.events, now);
    for (const child of write.enqueue) this.#insert(child, now);
    return { written: true };
  }

  renew(renewal: RenewHookItem, now: number): RenewHookAnswer {
    const row = this.#database.find(renewal.id);
    if (!row || row.token !== renewal.token) return { current: row ? { ...row } : null };
    return { until: this.#put(renewedRow(row, renewal, now)).leaseUntil as number };
  }

  getTask(taskId: string): StoredTask | null {
    const row = this.#database.find(taskId);
    return row ? { ...row } : null;
  }

  listTasks({ cursor, limit, ...filter }: ListHookParams): ListHookResult {
    const rows = this.#database.listTasks(filter, Number(cursor ?? 0), limit + 1);
    return page(rows, limit, (found, next) => ({ tasks: found.map(recordOf), cursor: next }));
  }

  listQueues(): readonly QueueInfo[] {
    return [...this.#database.queues.values()].map((queue) => ({ ...queue }));
  }

  nextDue(queues: readonly string[]): number | null {
    const instants = queues
      .filter((name) => !this.#database.queues.get(name)?.paused)
      .map((name) => this.#database.nextDue(name))
      .filter((instant) => instant !== null);
    return instants.length === 0 ? null : Math.min(...instants);
  }

  importTask(task: ImportedTask): "created" | "existing" {
    if (this.#database.has(task.id)) return "existing";
    this.#database.put(importedRow(task, this.#database.nextSequence()));
    return "created";
  }

  getResult({ taskId, run }: ResultKey, now: number): ResultRecord | null {
    const found = this.#database
      .resultsOf(taskId)
      .filter((result) => !isExpired(result, now) && (run === null || result.run === run))
      .reduce<ResultRecord | null>(
        (latest, result) => (latest && latest.run > result.run ? latest : result),
        null,
      );
    return found && { ...found };
  }

  putResult({ taskId, result, pendingToken }: ResultHookParams, now: number): void {
    this.#database.putResult(newResult(taskId, result, pendingToken, now));
  }

  deleteResult({ taskId, run }: ResultKey): boolean {
    return run === null ? this.#database.removeResults(taskId) : this.#database.removeResult(taskId, run);
  }

  importResults(results: readonly ResultRecord[]): void {
    for (const result of results) {
      if (!this.#database.resultsOf(result.taskId).some(({ run }) => run === result.run))
        this.#database.putResult({ ...result });
    }
  }

  addEvents(events: readonly EventInsert[], now: number): void {
    this.importEvents(events.map((event) => ({ ...event, timestamp: now })));
  }

  importEvents(events: readonly EventImport[]): void {
    for (const event of events)
      this.#database.addEvent({ ...event, sequence: this.#database.nextSequence() });
  }

  queryEvents({ taskId, type, workerId, from, to, cursor, limit }: EventsHookParams): EventsHookResult {
    const events = this.#database.events
      .filter((event) => event.sequence > Number(cursor ?? 0))
      .filter((event) => taskId === null || event.taskId === taskId)
      .filter((event) => type === null || event.type === type)
      .filter((event) => workerId === null || event.workerId === workerId)
      .filter((event) => (from === null || event.timestamp >= from) && (to === null || event.timestamp < to));
    return page(events, limit, (found, next) => ({ events: found, cursor: next }));
  }

  purgeEvents(before: number, limit: number): number {
    const old = this.#database.events.filter((event) => event.timestamp < before).slice(0, limit);
    this.#database.removeEvents(new Set(old.map(({ sequence }) => sequence)));
    return old.length;
  }

  #insert(insert: TaskInsert, now: number): InsertAnswer {
    const { id, contentDigest } = insert;
    const digest = this.#database.digestOf(id);
    if (digest === undefined) return this.#create(insert, now);
    return { status: digest === contentDigest ? "existing" : "duplicate", id };
  }

  /** A task whose id is free; unless another stands for it by its key. */
  #create(insert: TaskInsert, now: number): InsertAnswer {
    const { id, due, dedupe, clearsResults, event } = insert;
    const twin = dedupe && this.#database.liveByDedupeKey(dedupe.key);
    if (twin && (dedupe.windowMs === null || now < twin.createdAt + dedupe.windowMs)) {
      if (dedupe.debounce && twin.status === "PENDING")
        this.#put(changedRow(twin, { eta: dueAt(due, now) }, now));
      return { status: "existing", id: twin.id };
    }
    this.#database.create(newRow(insert, this.#database.nextSequence(), now));
    if (clearsResults) this.#database.removeResults(id);
    if (event) this.addEvents([event], now);
    return { status: "created", id };
  }

  /** Stores a row, and answers a copy. */
  #put(row: SequencedTask): StoredTask {
    this.#database.put(row);
    return { ...row };
  }
}

function page<T extends { readonly sequence: number }, R>(
  rows: readonly T[],
  limit: number,
  result: (rows: readonly T[], cursor: string | null) => R,
): R {
  const found = rows.slice(0, limit);
  return result(found, rows.length > limit ? String(found.at(-1)?.sequence) : null);
}
