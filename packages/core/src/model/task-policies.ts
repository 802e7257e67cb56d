import type { RetryPolicy } from "./retry-policy.ts";

/**
 * What stays of a task that succeeded: everything until retention purges it, only its result for the result's
 * time to live, or nothing at all.
 */
export type Keep = "all" | "result" | "none";

/** The choices of a task that no store needs to look at. They are stored together, as one JSON text. */
export interface TaskPolicies {
  readonly retry: RetryPolicy | null;
  readonly keep: Keep;
  /** How long a result stays readable, in milliseconds; null for ever, 0 not at all. */
  readonly resultTtlMs: number | null;
  /** How many lost leases a run survives. */
  readonly maxRecoveries: number;
}

export const DEFAULT_POLICIES: TaskPolicies = {
  retry: null,
  keep: "all",
  resultTtlMs: 86_400_000,
  maxRecoveries: 3,
};
