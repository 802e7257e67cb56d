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
  type ListHookParams,
  type ListHookResult,
  type PurgeHookParams,
  type QueueInfo,
  type RenewHookItem,
  type RenewHookResult,
  type ResultHookParams,
  type ResultKey,
  type ResultRecord,
  type StoredTask,
  type TaskCount,
  type TaskWrite,
  type Watch,
  type WriteHookResult,
  checkOptions,
  packageVersion,
  type EventImport,
  type ListResultsHookParams,
  type ListResultsHookResult,
} from "@omniq/core/storage";
import { MemoryDatabase } from "./memory-database.ts";
import { MemoryEngine } from "./memory-engine.ts";

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
  readonly #engine: MemoryEngine;

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
    this.#engine = new MemoryEngine(this.#database);
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
    return { now, groups: groups.map((group) => this.#engine.insertGroup(group, now)) };
  }

  protected async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    return this.#engine.dequeue(params, this.clock.now());
  }

  protected async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const now = this.clock.now();
    return { now, answers: writes.map((write) => this.#engine.write(write, now)) };
  }

  protected async doRenew(renewals: readonly RenewHookItem[]): Promise<RenewHookResult> {
    const now = this.clock.now();
    return { now, answers: renewals.map((renewal) => this.#engine.renew(renewal, now)) };
  }

  protected async doGetTask(taskId: string): Promise<StoredTask | null> {
    return this.#engine.getTask(taskId);
  }

  protected async doListTasks(params: ListHookParams): Promise<ListHookResult> {
    return this.#engine.listTasks(params);
  }

  protected async doCountTasks(): Promise<readonly TaskCount[]> {
    return this.#database.countTasks();
  }

  protected async doListQueues(): Promise<readonly QueueInfo[]> {
    return this.#engine.listQueues();
  }

  protected async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    this.#database.setQueue({ name, paused });
  }

  protected async doPurge(params: PurgeHookParams): Promise<number> {
    return this.#database.purge(params);
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    return { now: this.clock.now(), at: this.#engine.nextDue(queues) };
  }

  protected async doImportTasks(
    tasks: readonly ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    return tasks.map((task) => this.#engine.importTask(task));
  }

  protected async doGetResult(key: ResultKey): Promise<ResultRecord | null> {
    return this.#engine.getResult(key, this.clock.now());
  }

  protected async doPutResult(params: ResultHookParams): Promise<void> {
    this.#engine.putResult(params, this.clock.now());
  }

  protected async doDeleteResult(key: ResultKey): Promise<boolean> {
    return this.#engine.deleteResult(key);
  }

  protected async doPurgeResults(limit: number): Promise<number> {
    return this.#database.purgeResults(limit, this.clock.now());
  }

  protected override async doListResults(params: ListResultsHookParams): Promise<ListResultsHookResult> {
    return this.#database.listResults(params);
  }

  protected override async doImportResults(results: readonly ResultRecord[]): Promise<void> {
    this.#engine.importResults(results);
  }

  protected override async doImportEvents(events: readonly EventImport[]): Promise<void> {
    this.#engine.importEvents(events);
  }

  protected async doAppendEvents(events: readonly EventInsert[]): Promise<void> {
    this.#engine.addEvents(events, this.clock.now());
  }

  protected async doQueryEvents(params: EventsHookParams): Promise<EventsHookResult> {
    return this.#engine.queryEvents(params);
  }

  protected async doPurgeEvents(before: number, limit: number): Promise<number> {
    return this.#engine.purgeEvents(before, limit);
  }

  protected override async doNotify(): Promise<void> {
    for (const hint of this.#database.watchers) hint();
  }

  protected override async doWatch(onHint: () => void): Promise<Watch> {
    this.#database.watchers.add(onHint);
    return { close: async () => void this.#database.watchers.delete(onHint) };
  }
}
