import type { TaskEventType, TaskStatus } from "@omniq/core";

/** A lease as the model knows it: later ones have greater numbers. */
export interface ModelLease {
  readonly id: string;
  readonly number: number;
}

/** An outcome as the model knows it; `key` is what a repetition must share with the first. */
export interface ModelOutcome {
  readonly kind: "complete" | "fail" | "retry" | "release";
  readonly key: string;
  /** When a retry or a release is due, from now; left out, the old due time stays. */
  readonly inMs?: number;
}

export interface ModelTask {
  readonly id: string;
  content: string;
  /** Raised by every declaration with other content. */
  version: number;
  /** The time between runs; null for a task that runs once. */
  everyMs: number | null;
  status: TaskStatus;
  run: number;
  attempts: number;
  failures: number;
  recoveries: number;
  eta: number;
  failed: boolean;
  holds: Set<string>;
  finishedAt: number | null;
  leaseUntil: number | null;
  lease: ModelLease | null;
  settled: { readonly lease: ModelLease; readonly key: string } | null;
}

/** A waiting task that was just created. */
export function newModelTask(id: string, content: string, eta: number, everyMs: number | null): ModelTask {
  const counters = { run: 1, attempts: 0, failures: 0, recoveries: 0, failed: false };
  const free = { lease: null, leaseUntil: null, settled: null, finishedAt: null, holds: new Set<string>() };
  return { id, content, eta, everyMs, version: 1, status: "PENDING", ...counters, ...free };
}

/** How many lost leases a run of the model's tasks survives. */
export const MAX_RECOVERIES = 1;

/** The calls of operators; `schedule` has answers of its own. */
export type OperatorCall =
  | "reschedule"
  | "cancel"
  | "retryTask"
  | "hold"
  | "unhold"
  | "deleteTask"
  | "deleteTask by force";

/** The event that each yields. */
export const EVENT_OF = {
  complete: "completed",
  fail: "failed",
  retry: "retried",
  release: "released",
  reschedule: "rescheduled",
  cancel: "cancelled",
  retryTask: "revived",
  hold: "held",
  unhold: "unheld",
  deleteTask: "deleted",
  "deleteTask by force": "deleted",
} as const satisfies Readonly<Record<ModelOutcome["kind"] | OperatorCall, TaskEventType>>;
