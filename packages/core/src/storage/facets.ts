import type { Task } from "../model/task.ts";
import type { ResultRecord, TaskResult } from "../model/task-result.ts";
import type { EventImport, EventInsert } from "../model/task-event.ts";
import type * as p from "./params.ts";

/** The part of a store that keeps tasks and hands them out. */
export interface TaskStorage {
  enqueue(params: p.EnqueueParams): Promise<p.EnqueueResult>;
  dequeue(params: p.DequeueParams): Promise<p.DequeueResult>;
  settle(params: p.SettleParams): Promise<p.SettleResult>;
  renew(params: p.RenewParams): Promise<p.RenewResult>;
  exchange(params: p.ExchangeParams): Promise<p.ExchangeResult>;
  getTask(taskId: string): Promise<Task | null>;
  reschedule(taskId: string, newEta: Date): Promise<void>;
  cancel(taskId: string): Promise<boolean>;
  retryTask(taskId: string): Promise<void>;
  deleteTask(taskId: string, options?: { readonly force?: boolean }): Promise<void>;
  schedule(task: p.NewTask & { readonly id: string }): Promise<p.ScheduleResult>;
  hold(taskId: string, reason: string): Promise<void>;
  unhold(taskId: string, reason: string): Promise<void>;
  pauseSchedule(taskId: string): Promise<void>;
  resumeSchedule(taskId: string): Promise<void>;
  listTasks(params?: p.ListTasksParams): Promise<p.TaskPage>;
  countTasks(): Promise<readonly p.TaskCount[]>;
  listQueues(): Promise<readonly p.QueueInfo[]>;
  pauseQueue(name: string): Promise<void>;
  resumeQueue(name: string): Promise<void>;
  purge(params: p.PurgeParams): Promise<number>;
  nextDue(params?: p.NextDueParams): Promise<p.NextDueResult>;
  importTasks(tasks: readonly p.ImportedTask[]): Promise<readonly ("created" | "existing")[]>;
  watch(onHint: p.WakeHint): Promise<p.Watch>;
}

/** The part of a store that keeps how runs ended. */
export interface ResultStorage {
  getResult(taskId: string, options?: { readonly run?: number }): Promise<TaskResult | null>;
  putResult(params: p.PutResultParams): Promise<void>;
  deleteResult(taskId: string, options?: { readonly run?: number }): Promise<boolean>;
  purgeResults(params?: p.PurgeExpiredParams): Promise<number>;
  listResults(params?: p.ListResultsParams): Promise<p.ResultPage>;
  importResults(results: readonly ResultRecord[]): Promise<void>;
}

/** The part of a store that keeps what happened. */
export interface EventStorage {
  appendEvents(events: readonly EventInsert[]): Promise<void>;
  queryEvents(params?: p.QueryEventsParams): Promise<p.EventPage>;
  purgeEvents(params: p.PurgeEventsParams): Promise<number>;
  importEvents(events: readonly EventImport[]): Promise<void>;
}
