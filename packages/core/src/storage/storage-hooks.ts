import { StorageError } from "../errors/storage-error.ts";
import type { EventImport, EventInsert } from "../model/task-event.ts";
import type { StoredTask } from "../model/task-record.ts";
import type { ResultRecord } from "../model/task-result.ts";
import type { TaskWrite } from "../model/task-write.ts";
import type * as h from "./hooks.ts";
import type { ImportedTask, QueueInfo, TaskCount, Watch } from "./params.ts";

/**
 * What an adapter implements. Hooks are called on an open store only, with arguments that are valid; whatever
 * they throw reaches the caller as a StorageError.
 *
 * Three promises hold for each: it is one atomic step; it reads the time once, from the contract's clock; it
 * decides nothing about retries or schedules.
 */
export abstract class StorageHooks {
  /** Makes the store ready, creating and migrating what it needs. Called once, or again after it failed. */
  protected abstract doOpen(): Promise<void>;
  /** Lets go of what the store itself opened; what was handed in stays open. */
  protected abstract doClose(): Promise<void>;
  /** Removes everything that the store keeps, and nothing else. It is closed next. */
  protected abstract doDestroy(): Promise<void>;
  /** The durability settings, read back from the live store, and the versions below. */
  protected abstract doDescribe(): Promise<h.DescribeHookResult>;

  /** Stores new tasks, group by group. An id that exists is left as it is, whatever its state. */
  protected abstract doEnqueue(params: h.EnqueueHookParams): Promise<h.EnqueueHookResult>;
  /**
   * Stores new tasks as part of a transaction of the application's, and sees to it that workers hear of them once it
   * commits. A refusal leaves the transaction as it was.
   */
  protected async doEnqueueVia(_via: object, _params: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    throw new StorageError(
      "via_unsupported",
      "This store is no part of a database that the application can write to as well, so it cannot join a transaction. " +
        "Leave out `via`, and enqueue after the commit.",
    );
  }
  /**
   * Claims due tasks: first those whose lease has lapsed, then PENDING ones by priority, due time and enqueue
   * order. Each gets a fresh token, greater than any before, and comes back as it now stands.
   */
  protected abstract doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult>;
  /** Makes each write whose guard holds, whole or not at all; the others are answered with the row. */
  protected abstract doWrite(writes: readonly TaskWrite[]): Promise<h.WriteHookResult>;
  /** Moves the end of each lease whose token is current to the later of itself and now + leaseMs. */
  protected abstract doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult>;
  /** Settles and claims in one step. Without it, one comes after the other. */
  protected async doExchange(
    writes: readonly TaskWrite[],
    dequeue: h.DequeueHookParams,
  ): Promise<h.ExchangeHookResult> {
    const { answers } = await this.doWrite(writes);
    return { ...(await this.doDequeue(dequeue)), answers };
  }

  protected abstract doGetTask(taskId: string): Promise<StoredTask | null>;
  protected abstract doListTasks(params: h.ListHookParams): Promise<h.ListHookResult>;
  protected abstract doCountTasks(): Promise<readonly TaskCount[]>;
  /** Every queue that a task was ever enqueued into, or that was paused. */
  protected abstract doListQueues(): Promise<readonly QueueInfo[]>;
  protected abstract doSetQueuePaused(name: string, paused: boolean): Promise<void>;
  /** Removes finished tasks, of each queue and status the oldest first; answers how many. */
  protected abstract doPurge(params: h.PurgeHookParams): Promise<number>;
  /** The earliest due time or lease end in these queues, paused queues and held tasks left out. */
  protected abstract doNextDue(
    queues: readonly string[],
  ): Promise<{ readonly now: number; readonly at: number | null }>;
  protected abstract doImportTasks(
    tasks: readonly ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]>;

  /** The result of one run, unless it has expired. */
  protected abstract doGetResult(key: h.ResultKey): Promise<ResultRecord | null>;
  protected abstract doPutResult(params: h.ResultHookParams): Promise<void>;
  protected abstract doDeleteResult(key: h.ResultKey): Promise<boolean>;
  /** Removes expired results; answers how many. */
  protected abstract doPurgeResults(limit: number): Promise<number>;

  protected abstract doAppendEvents(events: readonly EventInsert[]): Promise<void>;
  protected abstract doQueryEvents(params: h.EventsHookParams): Promise<h.EventsHookResult>;
  protected abstract doPurgeEvents(before: number, limit: number): Promise<number>;

  /** Every result that is stored, expired ones included, page by page, each once. */
  protected async doListResults(_params: h.ListResultsHookParams): Promise<h.ListResultsHookResult> {
    throw new StorageError("copy_unsupported", "This store cannot list its results, so it cannot be copied.");
  }
  /** Stores results as they are, each unless there is one of its task and run. */
  protected async doImportResults(_results: readonly ResultRecord[]): Promise<void> {
    throw new StorageError(
      "copy_unsupported",
      "This store takes over no results, so nothing can be copied into it.",
    );
  }
  /** Stores events as they are, in this order, behind those that there are. */
  protected async doImportEvents(_events: readonly EventImport[]): Promise<void> {
    throw new StorageError(
      "copy_unsupported",
      "This store takes over no events, so nothing can be copied into it.",
    );
  }

  /** Tells other processes that something may be due. One call a batch. */
  protected doNotify(): Promise<void> {
    return Promise.resolve();
  }
  /** Calls `onHint` when another process notifies. A store without wake-up has nothing to watch. */
  protected doWatch(_onHint: () => void): Promise<Watch | null> {
    return Promise.resolve(null);
  }
}
