import type { TaskError } from "../errors/task-error.ts";
import type { Interval } from "./interval.ts";
import type { Missed } from "./recurrence.ts";
import type { TaskPolicies } from "./task-policies.ts";
import type { TaskStatus } from "./task-status.ts";

/** When a task runs, and whether it runs again. */
export interface TaskSchedule {
  /** When the task may next be claimed. */
  readonly eta: Date;
  /** The time between runs; null for a task that runs once, or by a cron pattern. */
  readonly interval: Interval | null;
  readonly cadence: "after" | "fixed";
  /** The cron pattern that the task repeats by, and its time zone; null for one that does not. */
  readonly cron: string | null;
  readonly timeZone: string | null;
  readonly missed: Missed;
  readonly onFailure: "continue" | "stop";
  /** Whether the runs to come wait until the schedule is resumed. */
  readonly paused: boolean;
}

/** A task as people read it. A copy: changing it changes nothing stored. */
export interface Task<Payload = unknown> extends TaskPolicies {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly payload: Payload;
  readonly status: TaskStatus;
  readonly schedule: TaskSchedule;
  /** N retries are N + 1 executions. */
  readonly maxRetries: number;
  /** How long one run may take, in milliseconds; null for no limit. */
  readonly timeoutMs: number | null;
  /** Which run this is, from 1; a recurring task gets a new one each time. */
  readonly run: number;
  /** Claims of this run. */
  readonly attempts: number;
  /** Recorded failures of this run. */
  readonly failures: number;
  /** Leases of this run that lapsed. */
  readonly recoveries: number;
  /** Why the last run failed; null once a run succeeded. */
  readonly error: TaskError | null;
  /** What the running handler last reported. */
  readonly progress: unknown;
  /** Why the task must not be claimed for now; empty where nothing holds it. */
  readonly holds: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly concurrencyKey: string | null;
  readonly dedupeKey: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When it was last claimed. */
  readonly lastAttemptAt: Date | null;
  /** When it ended; null while it is live. */
  readonly finishedAt: Date | null;
  /** Who runs it, and until when the lease lasts; null unless RUNNING. */
  readonly workerId: string | null;
  readonly leaseUntil: Date | null;
}

/** Whether the task's last run failed, or the task did. */
export function hasError(task: Task): boolean {
  return task.error !== null;
}

/** Whether the task has failed for good. */
export function isFailed(task: Task): boolean {
  return task.status === "FAILED";
}

/** The message of the task's error, or null. */
export function getErrorMessage(task: Task): string | null {
  return task.error?.message ?? null;
}
