import {
  BASE_STORAGE_OPTIONS,
  BaseStorage,
  type BaseStorageOptions,
  type DequeueHookParams,
  type DequeueHookResult,
  type DescribeHookResult,
  type EnqueueHookParams,
  type EnqueueHookResult,
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
  type RenewHookResult,
  type ResultHookParams,
  type ResultKey,
  type ResultRecord,
  type SequencedTask,
  type StoredTask,
  type TaskCount,
  type TaskInsert,
  type TaskWrite,
  type Watch,
  type WriteAnswer,
  type WriteHookResult,
  changedRow,
  checkOptions,
  claimEvent,
  dueAt,
  guardHolds,
  importedRow,
  isExpired,
  leasedRow,
  newResult,
  newRow,
  packageVersion,
  recordOf,
  renewedRow,
  writtenRow,
} from "@omniq/core/storage";
import { MemoryDatabase } from "./memory-database.ts";

export interface MemoryStorageOptions extends BaseStorageOptions {
  /** Stores given the same database see the same tasks. Default: a database of its own. */
  readonly database?: MemoryDatabase;
}

/**
 * Tasks in the memory of this process. It is the reference for what a store does, in the fewest words, and a
 * store for tests; nothing outlives the process.
 */
export class MemoryStorage extends BaseStorage {
  readonly #database: MemoryDatabase;

  constructor(options: MemoryStorageOptions = {}) {
    checkOptions(options, [...BASE_STORAGE_OPTIONS, "database"], "MemoryStorage");
    super(
      {
        name: "memory",
        version: packageVersion(import.meta.url),
        capabilities: { wakeup: true, strictOrder: true, batchAtomic: true, eventsTransactional: true },
      },
      options,
    );
    this.#database = options.database ?? new MemoryDatabase();
  }

  protected async doOpen(): Promise<void> {}

  protected async doClose(): Promise<void> {}

  protected async doDestroy(): Promise<void> {
    this.#database.clear();
  }

  protected async doDescribe(): Promise<DescribeHookResult> {
    return { durability: { kept: "in memory only" }, versions: { node: process.version } };
  }

  protected async doEnqueue({ groups }: EnqueueHookParams): Promise<EnqueueHookResult> {
    const now = this.clock.now();
    return { now, groups: groups.map((group) => this.#insertGroup(group, now)) };
  }

  protected async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const { workerId, leaseMs, events } = params;
    const now = this.clock.now();
    const lease = { token: this.#database.nextToken(), workerId, leaseMs };
    const claimed: StoredTask[] = [];
    const recovered: StoredTask[] = [];
    for (const { name, limit } of params.queues) {
      if (this.#database.queues.get(name)?.paused) continue;
      let room = Math.min(limit, params.limit - claimed.length - recovered.length);
      for (const row of this.#database.lapsed(name, now, room)) {
        recovered.push(this.#put(leasedRow(row, lease, now)));
        if (events.recovered) this.#addEvents([claimEvent(row, events.recovered)], now);
        room--;
      }
      for (const row of this.#database.due(name, now, room)) {
        const task = this.#put(leasedRow(row, lease, now));
        claimed.push(task);
        if (events.claimed) this.#addEvents([claimEvent(task, events.claimed)], now);
      }
    }
    return { now, claimed, recovered };
  }

  protected async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const now = this.clock.now();
    return { now, answers: writes.map((write) => this.#write(write, now)) };
  }

  protected async doRenew(renewals: readonly RenewHookItem[]): Promise<RenewHookResult> {
    const now = this.clock.now();
    const answers = renewals.map((renewal): RenewHookAnswer => {
      const row = this.#database.rows.get(renewal.id);
      if (!row || row.token !== renewal.token) return { current: row ? { ...row } : null };
      return { until: this.#put(renewedRow(row, renewal, now)).leaseUntil as number };
    });
    return { now, answers };
  }

  protected async doGetTask(taskId: string): Promise<StoredTask | null> {
    const row = this.#database.rows.get(taskId);
    return row ? { ...row } : null;
  }

  protected async doListTasks({
    queue,
    status,
    name,
    cursor,
    limit,
  }: ListHookParams): Promise<ListHookResult> {
    const rows = [...this.#database.rows.values()]
      .filter((row) => row.sequence > Number(cursor ?? 0))
      .filter((row) => queue === null || row.queue === queue)
      .filter((row) => status === null || row.status === status)
      .filter((row) => name === null || row.name === name)
      .sort((a, b) => a.sequence - b.sequence);
    return page(rows, limit, (found, next) => ({ tasks: found.map(recordOf), cursor: next }));
  }

  protected async doCountTasks(): Promise<readonly TaskCount[]> {
    const counts = new Map<string, TaskCount>();
    for (const { queue, status } of this.#database.rows.values()) {
      const key = `${status} ${queue}`;
      counts.set(key, { queue, status, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  protected async doListQueues(): Promise<readonly QueueInfo[]> {
    return [...this.#database.queues.values()].map((queue) => ({ ...queue }));
  }

  protected async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    this.#database.queues.set(name, { name, paused });
  }

  protected async doPurge({ before, limit, status }: PurgeHookParams): Promise<number> {
    const rows = [...this.#database.rows.values()]
      .filter((row) => row.finishedAt !== null && row.finishedAt < before)
      .filter((row) => status === null || row.status === status)
      .sort((a, b) => (a.finishedAt as number) - (b.finishedAt as number))
      .slice(0, limit);
    for (const row of rows) this.#database.remove(row.id);
    return rows.length;
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    const instants = queues
      .filter((name) => !this.#database.queues.get(name)?.paused)
      .map((name) => this.#database.nextDue(name))
      .filter((instant) => instant !== null);
    return { now: this.clock.now(), at: instants.length === 0 ? null : Math.min(...instants) };
  }

  protected async doImportTasks(
    tasks: readonly ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    return tasks.map((task) => {
      if (this.#database.rows.has(task.id)) return "existing";
      this.#database.put(importedRow(task, this.#database.nextSequence()));
      return "created";
    });
  }

  protected async doGetResult({ taskId, run }: ResultKey): Promise<ResultRecord | null> {
    const now = this.clock.now();
    const results = [...(this.#database.results.get(taskId)?.values() ?? [])];
    const found = results
      .filter((result) => !isExpired(result, now) && (run === null || result.run === run))
      .reduce<ResultRecord | null>(
        (latest, result) => (latest && latest.run > result.run ? latest : result),
        null,
      );
    return found && { ...found };
  }

  protected async doPutResult({ taskId, result, pendingToken }: ResultHookParams): Promise<void> {
    this.#putResult(newResult(taskId, result, pendingToken, this.clock.now()));
  }

  protected async doDeleteResult({ taskId, run }: ResultKey): Promise<boolean> {
    const runs = this.#database.results.get(taskId);
    if (run !== null) return runs?.delete(run) ?? false;
    this.#database.results.delete(taskId);
    return runs !== undefined && runs.size > 0;
  }

  protected async doPurgeResults(limit: number): Promise<number> {
    const now = this.clock.now();
    const expired = [...this.#database.results.values()]
      .flatMap((runs) => [...runs.values()])
      .filter((result) => isExpired(result, now))
      .slice(0, limit);
    for (const { taskId, run } of expired) this.#database.results.get(taskId)?.delete(run);
    return expired.length;
  }

  protected async doAppendEvents(events: readonly EventInsert[]): Promise<void> {
    this.#addEvents(events, this.clock.now());
  }

  protected async doQueryEvents({
    taskId,
    type,
    workerId,
    from,
    to,
    cursor,
    limit,
  }: EventsHookParams): Promise<EventsHookResult> {
    const events = this.#database.events
      .filter((event) => event.sequence > Number(cursor ?? 0))
      .filter((event) => taskId === null || event.taskId === taskId)
      .filter((event) => type === null || event.type === type)
      .filter((event) => workerId === null || event.workerId === workerId)
      .filter((event) => (from === null || event.timestamp >= from) && (to === null || event.timestamp < to));
    return page(events, limit, (found, next) => ({ events: found, cursor: next }));
  }

  protected async doPurgeEvents(before: number, limit: number): Promise<number> {
    const old = this.#database.events.filter((event) => event.timestamp < before).slice(0, limit);
    this.#database.events = this.#database.events.filter((event) => !old.includes(event));
    return old.length;
  }

  protected override async doNotify(): Promise<void> {
    for (const hint of this.#database.watchers) hint();
  }

  protected override async doWatch(onHint: () => void): Promise<Watch> {
    this.#database.watchers.add(onHint);
    return { close: async () => void this.#database.watchers.delete(onHint) };
  }

  #insertGroup(group: readonly TaskInsert[], now: number): InsertAnswer[] {
    const answers = group.map((insert, index): InsertAnswer => {
      const first =
        this.#database.rows.get(insert.id) ?? group.slice(0, index).find(({ id }) => id === insert.id);
      const differs = first !== undefined && first.contentDigest !== insert.contentDigest;
      return { status: differs ? "duplicate" : "existing", id: insert.id };
    });
    if (answers.some(({ status }) => status === "duplicate")) return answers;
    return group.map((insert) => this.#insert(insert, now));
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
    if (clearsResults) this.#database.results.delete(id);
    if (event) this.#addEvents([event], now);
    return { status: "created", id };
  }

  #write(write: TaskWrite, now: number): WriteAnswer {
    const row = this.#database.rows.get(write.id);
    if (!row || !guardHolds(write, row)) return { written: false, current: row ? { ...row } : null };
    const next = writtenRow(write, row, now);
    if (next) this.#put(next);
    else this.#database.remove(write.id);
    if (write.dropResults === "all") this.#database.results.delete(write.id);
    else if (write.dropResults !== null) this.#database.results.get(write.id)?.delete(write.dropResults);
    if (write.result) this.#putResult(newResult(write.id, write.result, null, now));
    this.#addEvents(write.events, now);
    for (const child of write.enqueue) this.#insert(child, now);
    return { written: true };
  }

  /** Stores a row, and answers a copy. */
  #put(row: SequencedTask): StoredTask {
    this.#database.put(row);
    return { ...row };
  }

  #putResult(result: ResultRecord): void {
    let runs = this.#database.results.get(result.taskId);
    if (!runs) this.#database.results.set(result.taskId, (runs = new Map()));
    runs.set(result.run, result);
  }

  #addEvents(events: readonly EventInsert[], now: number): void {
    for (const event of events) {
      this.#database.events.push({ ...event, timestamp: now, sequence: this.#database.nextSequence() });
    }
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
