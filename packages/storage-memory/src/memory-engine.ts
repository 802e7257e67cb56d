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
  type PurgeHookParams,
  type QueueInfo,
  type RenewHookAnswer,
  type RenewHookItem,
  type ResultHookParams,
  type ResultKey,
  type ResultRecord,
  type SequencedTask,
  type StoredTask,
  type TaskCount,
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
  type ListResultsHookParams,
  type ListResultsHookResult,
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
    const digests = new Map<string, string>();
    const answers = group.map(({ id, contentDigest }): InsertAnswer => {
      const known = this.#database.rows.get(id)?.contentDigest ?? digests.get(id);
      if (known === undefined) digests.set(id, contentDigest);
      return { status: known === undefined || known === contentDigest ? "existing" : "duplicate", id };
    });
    if (answers.some(({ status }) => status === "duplicate")) return answers;
    return group.map((insert) => this.#insert(insert, now));
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
    const row = this.#database.rows.get(write.id);
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
    const row = this.#database.rows.get(renewal.id);
    if (!row || row.token !== renewal.token) return { current: row ? { ...row } : null };
    return { until: this.#put(renewedRow(row, renewal, now)).leaseUntil as number };
  }

  getTask(taskId: string): StoredTask | null {
    const row = this.#database.rows.get(taskId);
    return row ? { ...row } : null;
  }

  /** The database keeps rows in the order of enqueueing, so the look ends with the page. */
  listTasks({ queue, status, name, cursor, limit }: ListHookParams): ListHookResult {
    const after = Number(cursor ?? 0);
    const rows: SequencedTask[] = [];
    for (const row of this.#database.rows.values()) {
      if (row.sequence <= after) continue;
      if (queue !== null && row.queue !== queue) continue;
      if (status !== null && row.status !== status) continue;
      if (name !== null && row.name !== name) continue;
      rows.push(row);
      if (rows.length > limit) break;
    }
    return page(rows, limit, (found, next) => ({ tasks: found.map(recordOf), cursor: next }));
  }

  countTasks(): readonly TaskCount[] {
    const counts = new Map<string, TaskCount>();
    for (const { queue, status } of this.#database.rows.values()) {
      const key = `${status} ${queue}`;
      counts.set(key, { queue, status, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  listQueues(): readonly QueueInfo[] {
    return [...this.#database.queues.values()].map((queue) => ({ ...queue }));
  }

  purge({ before, limit, status }: PurgeHookParams): number {
    const rows = [...this.#database.rows.values()]
      .filter((row) => row.finishedAt !== null && row.finishedAt < before)
      .filter((row) => status === null || row.status === status)
      .sort((a, b) => (a.finishedAt as number) - (b.finishedAt as number))
      .slice(0, limit);
    for (const row of rows) this.#database.remove(row.id);
    return rows.length;
  }

  nextDue(queues: readonly string[]): number | null {
    const instants = queues
      .filter((name) => !this.#database.queues.get(name)?.paused)
      .map((name) => this.#database.nextDue(name))
      .filter((instant) => instant !== null);
    return instants.length === 0 ? null : Math.min(...instants);
  }

  importTask(task: ImportedTask): "created" | "existing" {
    if (this.#database.rows.has(task.id)) return "existing";
    this.#database.put(importedRow(task, this.#database.nextSequence()));
    return "created";
  }

  getResult({ taskId, run }: ResultKey, now: number): ResultRecord | null {
    const results = [...(this.#database.results.get(taskId)?.values() ?? [])];
    const found = results
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

  purgeResults(limit: number, now: number): number {
    const expired = [...this.#database.results.values()]
      .flatMap((runs) => [...runs.values()])
      .filter((result) => isExpired(result, now))
      .slice(0, limit);
    for (const { taskId, run } of expired) this.#database.removeResult(taskId, run);
    return expired.length;
  }

  /** By task, in the order in which each had its first result; a page ends with a task. */
  listResults({ cursor, limit }: ListResultsHookParams): ListResultsHookResult {
    const results: ResultRecord[] = [];
    const first = Number(cursor ?? 0);
    let passed = 0;
    for (const runs of this.#database.results.values()) {
      if (passed++ < first) continue;
      results.push(...runs.values());
      if (results.length >= limit) break;
    }
    return { results, cursor: passed < this.#database.results.size ? String(passed) : null };
  }

  importResults(results: readonly ResultRecord[]): void {
    for (const result of results) {
      if (!this.#database.results.get(result.taskId)?.has(result.run))
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
    const { id, due, dedupe, clearsResults, event } = insert;
    if (this.#database.rows.has(id)) return { status: "existing", id };
    const twin = dedupe && this.#database.liveByDedupeKey(dedupe.key);
    if (twin && (dedupe.windowMs === null || now < twin.createdAt + dedupe.windowMs)) {
      if (dedupe.debounce && twin.status === "PENDING")
        this.#put(changedRow(twin, { eta: dueAt(due, now) }, now));
      return { status: "existing", id: twin.id };
    }
    this.#put(newRow(insert, this.#database.nextSequence(), now));
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
