import { ValidationError } from "../errors/validation-error.ts";
import type { Random } from "../ports/random.ts";
import { type DurationInput, durationMs, show } from "./duration.ts";

/** How long a failed run waits before it is tried again. Immutable data, stored with the task. */
export interface RetryPolicy {
  readonly strategy: "fixed" | "linear" | "exponential";
  /** The delay before the first retry. */
  readonly baseMs: number;
  /** No delay is longer, jitter aside. */
  readonly maxMs: number;
  /** Each delay is multiplied by a random factor from `1 - jitter` to `1 + jitter`. */
  readonly jitter: number;
}

/** A retry policy as users write it. What is left out is as in {@link DEFAULT_RETRY_POLICY}. */
export interface RetryOptions {
  readonly strategy?: RetryPolicy["strategy"];
  readonly base?: DurationInput;
  /** No delay is longer. Default: a minute, or `base` where that is longer. */
  readonly max?: DurationInput;
  /** From 0, no jitter, to 1. */
  readonly jitter?: number;
}

/** What a backoff function is told. */
export interface BackoffContext {
  /** 1 before the first retry. */
  readonly retry: number;
  readonly error: Error;
}

/** A backoff of the user's own, called in the worker. */
export type BackoffFunction = (context: BackoffContext) => DurationInput;

/** min(2^(n-1), 60) seconds before the n-th retry, times 0.75 to 1.25. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  strategy: "exponential",
  baseMs: 1000,
  maxMs: 60_000,
  jitter: 0.25,
};

/** The delay before the n-th retry (n from 1), in milliseconds. */
export function backoffMs(policy: RetryPolicy, retry: number, random: Random): number {
  const { strategy, baseMs, maxMs, jitter } = policy;
  // Beyond any `maxMs`, but finite, so that a base of 0 stays 0.
  const doublings = Math.min(retry - 1, 52);
  const growth = { fixed: 1, linear: retry, exponential: 2 ** doublings }[strategy];
  const factor = 1 - jitter + 2 * jitter * random();
  return Math.round(Math.min(baseMs * growth, maxMs) * factor);
}

/** @throws ValidationError `invalid_retry` or `invalid_duration`. */
export function retryPolicy(options: RetryOptions): RetryPolicy {
  if (typeof options !== "object" || options === null) {
    throw new ValidationError("invalid_retry", 'retry must be an object such as { strategy: "fixed" }.', {
      field: "retry",
    });
  }
  const {
    strategy = DEFAULT_RETRY_POLICY.strategy,
    jitter = DEFAULT_RETRY_POLICY.jitter,
    base,
    max,
  } = options;
  if (strategy !== "fixed" && strategy !== "linear" && strategy !== "exponential") {
    throw new ValidationError(
      "invalid_retry",
      `retry.strategy ${show(strategy)} is unknown. Use "fixed", "linear" or "exponential".`,
      { field: "retry.strategy" },
    );
  }
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1)) {
    throw new ValidationError("invalid_retry", `retry.jitter ${show(jitter)} must be a number from 0 to 1.`, {
      field: "retry.jitter",
    });
  }
  const baseMs = base === undefined ? DEFAULT_RETRY_POLICY.baseMs : durationMs(base, "retry.base");
  const maxMs =
    max === undefined ? Math.max(DEFAULT_RETRY_POLICY.maxMs, baseMs) : durationMs(max, "retry.max");
  return { strategy, baseMs, maxMs, jitter };
}
