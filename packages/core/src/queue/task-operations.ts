import { type DurationInput, durationMs } from "../model/duration.ts";
import type { TaskResult } from "../model/task-result.ts";
import type { Task } from "../model/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import { checkOptions } from "../storage/checks.ts";
import type * as p from "../storage/params.ts";
import type { AnyTaskDefinition } from "./define-task.ts";
import { type Explanation, explainTask } from "./explain.ts";
import { type RetryFailedOptions, retryFailed } from "./retry-failed.ts";
import { Schedules } from "./schedules.ts";
import { type TaskList, listTasks } from "./task-list.ts";
import { waitForResult } from "./wait-for-result.ts";

/** A task's id. It is a plain text at run time, and knows the type of the task's result at compile time. */
export type TaskId<Result = unknown> = string & { readonly [resultOf]?: Result };
declare const resultOf: unique symbol;

/** Which result of a task is asked for, and whether to wait for it. */
export interface GetResultOptions {
  /** Which run; left out: the latest that has ended, or, when waiting, the one that is current. */
  readonly run?: number;
  /** Whether to wait until the run has ended. Default false. */
  readonly wait?: boolean;
  /** How long to wait at most. Default `"60s"`. */
  readonly timeout?: DurationInput;
}

/** What people and applications ask of tasks that are stored: what became of them, and to change their course. */
export abstract class TaskOperations {
  abstract readonly storage: BaseStorage;
  abstract readonly clock: Clock;
  abstract readonly logger: Logger;

  /** The recurring tasks. */
  get schedules(): Schedules {
    return new Schedules(this.storage, this.logger);
  }

  /** The registered task of this name, or null. */
  abstract definition(name: string): AnyTaskDefinition | null;

  /** The task, or null. */
  getTask(taskId: string): Promise<Task | null> {
    return this.storage.getTask(taskId);
  }

  /** Tasks by queue, status and name, a page at a time. One whose record cannot be read is left out, with a warning. */
  listTasks(params: p.ListTasksParams = {}): Promise<TaskList> {
    return listTasks(this.storage, this.logger, params);
  }

  /** What happened, oldest first, a page at a time: by task, type, worker and time. */
  queryEvents(params: p.QueryEventsParams = {}): Promise<p.EventPage> {
    return this.storage.queryEvents(params);
  }

  /**
   * How a run ended: null where it has not, or its result has expired. With `wait`, resolves when it ends.
   *
   * @throws WaitTimeoutError, ResultUnavailableError when waiting
   */
  getResult<Result>(
    taskId: TaskId<Result>,
    options: GetResultOptions & { readonly wait: true },
  ): Promise<TaskResult<Result>>;
  /** As above, of an id that may be of one task or another: nothing is known of the type of its result. */
  getResult(taskId: TaskId, options: GetResultOptions & { readonly wait: true }): Promise<TaskResult>;
  /** How a run ended: null where it has not, or its result has expired. */
  getResult<Result>(taskId: TaskId<Result>, options?: GetResultOptions): Promise<TaskResult<Result> | null>;
  /** As above, of an id that may be of one task or another: nothing is known of the type of its result. */
  getResult(taskId: TaskId, options?: GetResultOptions): Promise<TaskResult | null>;
  async getResult(taskId: string, options: GetResultOptions = {}): Promise<TaskResult | null> {
    checkOptions(options, ["run", "wait", "timeout"], "getResult");
    const { run, wait = false, timeout = "60s" } = options;
    const timeoutMs = durationMs(timeout, "timeout");
    if (wait) return waitForResult(this.storage, this.clock, taskId, timeoutMs, run);
    return this.storage.getResult(taskId, run === undefined ? {} : { run });
  }

  /** Due at `newEta`, whatever the task did before. @throws NotFoundError */
  reschedule(taskId: string, newEta: Date): Promise<void> {
    return this.storage.reschedule(taskId, newEta);
  }

  /** Ends a waiting or running task; false where it had ended already. @throws NotFoundError */
  cancel(taskId: string): Promise<boolean> {
    return this.storage.cancel(taskId);
  }

  /** A new run of a task that failed or was cancelled. @throws NotFoundError, InvalidTransitionError */
  retryTask(taskId: string): Promise<void> {
    return this.storage.retryTask(taskId);
  }

  /** A new run of every task that failed, or of those of a queue or a name. Answers how many. */
  retryFailed(options: RetryFailedOptions = {}): Promise<number> {
    return retryFailed(this.storage, options);
  }

  /** Why a task does not run, or what became of it. @throws NotFoundError */
  explain(taskId: string): Promise<Explanation> {
    return explainTask(this.storage, taskId, (name) => this.definition(name) !== null);
  }

  /** Removes the task; a running one only with `force`. @throws NotFoundError, InvalidTransitionError */
  deleteTask(taskId: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.storage.deleteTask(taskId, options);
  }

  /** How many tasks there are, by queue and status. */
  countTasks(): Promise<readonly p.TaskCount[]> {
    return this.storage.countTasks();
  }

  /** The queues that tasks were ever enqueued in, or that were paused. */
  listQueues(): Promise<readonly p.QueueInfo[]> {
    return this.storage.listQueues();
  }

  /** From now on no task of the queue is claimed. What runs goes on. */
  pauseQueue(name: string): Promise<void> {
    return this.storage.pauseQueue(name);
  }

  /** Tasks of the queue are claimed again. */
  resumeQueue(name: string): Promise<void> {
    return this.storage.resumeQueue(name);
  }
}
