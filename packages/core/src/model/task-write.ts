import type { Due } from "./due.ts";
import type { EventInsert } from "./task-event.ts";
import type { TaskDefinition, TaskState } from "./task-record.ts";

/** A new task, ready to be stored. Its counters are 0, its run 1, its status PENDING. */
export interface TaskInsert extends TaskDefinition {
  readonly id: string;
  readonly due: Due;
  readonly dedupe: DedupeInsert | null;
  /** Whether the caller chose the id, so that an earlier task under it may have left results: they go. */
  readonly clearsResults: boolean;
  /** Written with the task, if it is created; null where the level keeps none. */
  readonly event: EventInsert | null;
}

/**
 * While a live task with this key was created within the window, another is not created: the call is answered
 * with the live one's id.
 */
export interface DedupeInsert {
  readonly key: string;
  /** In milliseconds from the creation of the live task; null for as long as it lives. */
  readonly windowMs: number | null;
  /** Whether the live task, if PENDING, takes over the new one's due time. */
  readonly debounce: boolean;
}

/** What must hold of the row for a write to be made. It travels as data; the store compares, and no more. */
export type WriteGuard =
  /** The caller holds the lease, and the schedule is the one it knows. */
  | { readonly token: string; readonly scheduleVersion: number; readonly outcomeDigest: string }
  /** The row is as it was read. */
  | { readonly revision: number };

/** The result of the run that a write ends. */
export interface ResultInsert {
  readonly run: number;
  readonly status: "SUCCESS" | "FAILED";
  readonly value: string | null;
  readonly format: string;
  readonly error: string | null;
  readonly attempts: number;
  readonly startedAt: number | null;
  /** From the store's now; null for ever. */
  readonly ttlMs: number | null;
}

/**
 * One change to one task, whole or not at all: core has decided it, a store compares the guard and writes.
 * Settling, cancelling, rescheduling, reviving, holding and deleting are all of this form.
 */
export interface TaskWrite {
  readonly id: string;
  readonly guard: WriteGuard;
  /** The state that follows; null removes the row. */
  readonly state: TaskState | null;
  /** The new due time; null leaves it. */
  readonly due: Due | null;
  /** Whether the lease and its token stay. Otherwise both are void. */
  readonly keepsLease: boolean;
  /** The new content of a recurring task that is declared anew; null leaves it. */
  readonly definition: TaskDefinition | null;
  /** Stored under (id, run), over any that stands there; null stores none. */
  readonly result: ResultInsert | null;
  /** The run whose stored result goes, since the run is live again; `all`, with the task; null for none. */
  readonly dropResults: number | "all" | null;
  readonly events: readonly EventInsert[];
  /** Tasks created in the same step; those that exist already are left as they are. */
  readonly enqueue: readonly TaskInsert[];
}
