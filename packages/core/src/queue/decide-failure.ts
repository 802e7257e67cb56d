import { isA } from "../errors/omniq-error.ts";
import { TaskError } from "../errors/task-error.ts";
import { durationMs } from "../model/duration.ts";
import { decodePolicies } from "../model/record-codec.ts";
import { type BackoffFunction, DEFAULT_RETRY_POLICY, backoffMs } from "../model/retry-policy.ts";
import type { FailOutcome, RetryOutcome } from "../model/settlement.ts";
import type { TaskRecord } from "../model/task-record.ts";
import type { Random } from "../ports/random.ts";
import { type ErrorClass, type ErrorClassifier, classifyError } from "./classify-error.ts";

export interface FailureContext {
  /** When it failed, in milliseconds since the epoch. */
  readonly now: number;
  readonly random: Random;
  /** The task's own backoff; null for its policy, or the default one. */
  readonly backoff: BackoffFunction | null;
  /** What the application makes of errors; null for the default alone. */
  readonly classify: ErrorClassifier | null;
}

/**
 * Whether a failed run is tried again, and when: if the error allows it, and the failures recorded before this
 * one are fewer than the task's retries. Lost leases do not count.
 */
export function decideFailure(
  task: TaskRecord,
  thrown: unknown,
  context: FailureContext,
): FailOutcome | RetryOutcome {
  const error = taskError(task, thrown, context);
  if (!error.canRetry() || task.failures >= task.maxRetries) return { kind: "fail", error };
  return { kind: "retry", error, due: { inMs: delayMs(task, error, context) } };
}

function taskError(task: TaskRecord, thrown: unknown, { now, classify }: FailureContext): TaskError {
  const known = { retryCount: task.failures, timestamp: new Date(now) };
  if (isA(thrown, TaskError)) return TaskError.fromException(thrown, known);
  return TaskError.fromException(thrown, { ...known, ...classifyError(thrown), ...own(classify, thrown) });
}

/** A classifier that throws, or gives nonsense, must not lose the failure. */
function own(classify: ErrorClassifier | null, thrown: unknown): Partial<ErrorClass> {
  try {
    const { errorType, isRetryable } = classify?.(thrown) ?? {};
    return {
      ...(typeof errorType === "string" && errorType !== "" && { errorType }),
      ...(typeof isRetryable === "boolean" && { isRetryable }),
    };
  } catch {
    return {};
  }
}

/** A backoff function that throws, or gives nonsense, must not lose the failure: the policy serves instead. */
function delayMs(task: TaskRecord, error: TaskError, { backoff, random }: FailureContext): number {
  const retry = task.failures + 1;
  try {
    if (backoff) return durationMs(backoff({ retry, error }), "backoff");
    return backoffMs(decodePolicies(task).retry ?? DEFAULT_RETRY_POLICY, retry, random);
  } catch {
    return backoffMs(DEFAULT_RETRY_POLICY, retry, random);
  }
}
