import type { TaskError } from "../errors/task-error.ts";
import type { Due } from "./due.ts";
import { nextRun } from "./recurrence.ts";
import { PAUSED, withHold } from "./holds.ts";
import { decodePolicies, decodeRecurrence, encodeError } from "./record-codec.ts";
import { type EventInsert, type TaskEventType } from "./task-event.ts";
import type { TaskRecord, TaskState } from "./task-record.ts";
import type { ResultInsert } from "./task-write.ts";

/** How the holder of a lease ends it. */
export type Outcome = CompleteOutcome | FailOutcome | RetryOutcome | ReleaseOutcome;

/** The run succeeded. */
interface CompleteOutcome {
  readonly kind: "complete";
  /** What the handler returned; undefined means null. */
  readonly result?: unknown;
}

/** The run failed for good. */
export interface FailOutcome {
  readonly kind: "fail";
  readonly error: TaskError;
}

/** The run failed and is tried again. */
export interface RetryOutcome {
  readonly kind: "retry";
  readonly error: TaskError;
  readonly due: Due;
}

/** The task is given back unharmed: the claim is refunded. */
export interface ReleaseOutcome {
  readonly kind: "release";
  /** When it may be claimed again; left out, its old due time stays. */
  readonly due?: Due;
  /** Why, for the event. */
  readonly reason?: string;
}

/** An outcome whose result has been serialized. */
export type EncodedOutcome =
  | { readonly kind: "complete"; readonly value: string; readonly format: string }
  | FailOutcome
  | RetryOutcome
  | ReleaseOutcome;

/** What a settlement writes. */
export interface SettlementPlan {
  readonly state: TaskState | null;
  readonly due: Due | null;
  readonly result: ResultInsert | null;
  readonly event: EventInsert;
}

/**
 * What the end of a lease means for the task: the state that follows, the result to store, the event.
 * Pure, and the only place where it is decided.
 *
 * @param task the record as it was claimed.
 * @param nowMs the store's now, for the due time of a fixed schedule.
 * @throws CorruptRecordError where the record's schedule or policies cannot be read.
 */
export function planSettlement(task: TaskRecord, outcome: EncodedOutcome, nowMs: number): SettlementPlan {
  switch (outcome.kind) {
    case "complete":
      return planComplete(task, outcome, nowMs);
    case "fail":
      return planFail(task, outcome.error, nowMs);
    case "retry":
      return {
        state: {
          ...stateOf(task, "PENDING", encodeError(outcome.error)),
          failures: task.failures + 1,
        },
        due: outcome.due,
        result: null,
        event: event(task, "retried", errorFacts(outcome.error)),
      };
    case "release":
      return {
        state: { ...stateOf(task, "PENDING"), attempts: task.attempts - 1 },
        due: outcome.due ?? null,
        result: null,
        event: event(task, "released", outcome.reason === undefined ? null : { reason: outcome.reason }),
      };
  }
}

function planComplete(
  task: TaskRecord,
  outcome: { readonly value: string; readonly format: string },
  nowMs: number,
): SettlementPlan {
  const { keep, resultTtlMs } = decodePolicies(task);
  const result: ResultInsert | null =
    keep === "none" || resultTtlMs === 0
      ? null
      : {
          run: task.run,
          attempts: task.attempts,
          startedAt: task.lastAttemptAt,
          status: "SUCCESS",
          value: outcome.value,
          format: outcome.format,
          error: null,
          ttlMs: resultTtlMs,
        };
  const completed = event(task, "completed", null);
  const next = planNextRun(task, nowMs);
  if (next) return { ...next, result, event: completed };
  const state = keep === "all" ? stateOf(task, "SUCCESS", null) : null;
  return { state, due: null, result, event: completed };
}

function planFail(task: TaskRecord, error: TaskError, nowMs: number): SettlementPlan {
  const { resultTtlMs } = decodePolicies(task);
  const text = encodeError(error);
  const result: ResultInsert | null =
    resultTtlMs === 0
      ? null
      : {
          run: task.run,
          attempts: task.attempts,
          startedAt: task.lastAttemptAt,
          status: "FAILED",
          value: null,
          format: task.format,
          error: text,
          ttlMs: resultTtlMs,
        };
  const failed = event(task, "failed", errorFacts(error));
  const next = decodeRecurrence(task)?.onFailure === "stop" ? null : planNextRun(task, nowMs);
  if (next) return { ...next, result, event: failed };
  const state: TaskState = { ...stateOf(task, "FAILED", text), failures: task.failures + 1 };
  return { state, due: null, result, event: failed };
}

/** The next run of a recurring task: a fresh run number, counters at 0, no error. Null where there is none. */
function planNextRun(task: TaskRecord, nowMs: number): { state: TaskState; due: Due } | null {
  const recurrence = decodeRecurrence(task);
  const startedMs = task.lastAttemptAt ?? task.eta;
  const due = recurrence && nextRun(recurrence, { dueMs: task.eta, startedMs, endedMs: nowMs });
  if (!due) return null;
  const state = newRunOf(task);
  return { state: recurrence.paused ? { ...state, holds: withHold(task, PAUSED) } : state, due };
}

/** The state of a task's next run, waiting. */
export function newRunOf(task: TaskRecord): TaskState {
  return {
    status: "PENDING",
    run: task.run + 1,
    attempts: 0,
    failures: 0,
    recoveries: 0,
    error: null,
    holds: task.holds,
  };
}

/** The moving part of a record, with the status and error that it may be about to have. */
export function stateOf(task: TaskRecord, status = task.status, error = task.error): TaskState {
  const { run, attempts, failures, recoveries, holds } = task;
  return { status, run, attempts, failures, recoveries, error, holds };
}

/** An event about a task as it stands. */
export function event(
  task: TaskRecord,
  type: TaskEventType,
  data: Readonly<Record<string, unknown>> | null,
): EventInsert {
  return {
    taskId: task.id,
    type,
    run: task.run,
    attempt: task.attempts,
    workerId: task.workerId,
    data: data && JSON.stringify(data),
  };
}

function errorFacts(error: TaskError): Readonly<Record<string, unknown>> {
  return {
    error_type: error.errorType,
    category: error.category,
    retry_count: error.retryCount,
    is_retryable: error.isRetryable,
  };
}
