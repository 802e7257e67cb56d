import {
  BaseStorage,
  type EventImport,
  type EventInsert,
  type EventsHookParams,
  type EventsHookResult,
  type ImportedTask,
  type ListHookParams,
  type ListHookResult,
  type ListResultsHookParams,
  type ListResultsHookResult,
  type PurgeHookParams,
  type QueueInfo,
  type ResultHookParams,
  type ResultKey,
  type ResultRecord,
  type StoredTask,
  type TaskCount,
} from "@omniq/core/storage";
import type { Instant, SqlProgram } from "./program.ts";
import { appendEvents, importEvents, purgeEvents, queryEvents } from "./programs/events.ts";
import {
  deleteResult,
  getResult,
  importResults,
  listResults,
  purgeResults,
  putResult,
} from "./programs/results.ts";
import {
  countTasks,
  getTask,
  importTasks,
  listQueues,
  listTasks,
  purgeTasks,
  setQueuePaused,
} from "./programs/tasks.ts";
import type { QueryBuilder } from "./tables.ts";

/**
 * The hooks that are the same SQL everywhere. What is left to a dialect is what it does in a way of its own: opening,
 * enqueueing, claiming, writing, renewing and waking.
 */
export abstract class SqlStorage extends BaseStorage {
  /** Builds the dialect's queries over the tables. */
  protected abstract readonly queries: QueryBuilder;

  /** Runs a program that writes nothing, on one state of the tables. */
  protected abstract read<T>(program: (now: Instant) => SqlProgram<T>): Promise<T>;
  /** Runs a program as one atomic step, with the time read once. */
  protected abstract change<T>(program: (now: number) => SqlProgram<T>): Promise<T>;

  protected async doGetTask(taskId: string): Promise<StoredTask | null> {
    return this.read(() => getTask(this.queries, taskId));
  }

  protected async doListTasks(params: ListHookParams): Promise<ListHookResult> {
    return this.read(() => listTasks(this.queries, params));
  }

  protected async doCountTasks(): Promise<readonly TaskCount[]> {
    return this.read(() => countTasks(this.queries));
  }

  protected async doListQueues(): Promise<readonly QueueInfo[]> {
    return this.read(() => listQueues(this.queries));
  }

  protected async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    await this.change(() => setQueuePaused(this.queries, name, paused));
  }

  protected async doPurge(params: PurgeHookParams): Promise<number> {
    return this.change(() => purgeTasks(this.queries, params));
  }

  protected async doImportTasks(
    tasks: readonly ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    return this.change(() => importTasks(this.queries, tasks));
  }

  protected async doGetResult(key: ResultKey): Promise<ResultRecord | null> {
    return this.read((now) => getResult(this.queries, key, now));
  }

  protected async doPutResult(params: ResultHookParams): Promise<void> {
    await this.change((now) => putResult(this.queries, params, now));
  }

  protected async doDeleteResult(key: ResultKey): Promise<boolean> {
    return this.change(() => deleteResult(this.queries, key));
  }

  protected async doPurgeResults(limit: number): Promise<number> {
    return this.change((now) => purgeResults(this.queries, now, limit));
  }

  protected override async doListResults(params: ListResultsHookParams): Promise<ListResultsHookResult> {
    return this.read(() => listResults(this.queries, params));
  }

  protected override async doImportResults(results: readonly ResultRecord[]): Promise<void> {
    await this.change(() => importResults(this.queries, results));
  }

  protected override async doImportEvents(events: readonly EventImport[]): Promise<void> {
    await this.change(() => importEvents(this.queries, events));
  }

  protected async doAppendEvents(events: readonly EventInsert[]): Promise<void> {
    await this.change((now) => appendEvents(this.queries, events, now));
  }

  protected async doQueryEvents(params: EventsHookParams): Promise<EventsHookResult> {
    return this.read(() => queryEvents(this.queries, params));
  }

  protected async doPurgeEvents(before: number, limit: number): Promise<number> {
    return this.change(() => purgeEvents(this.queries, before, limit));
  }
}
