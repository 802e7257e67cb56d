import { InvalidTransitionError } from "../errors/storage-error.ts";
import type { TaskStatus } from "./task-status.ts";

/** What an operation does to a task in one state. */
export interface Transition {
  /** The state that follows; `gone` removes the task, `unchanged` answers without a write. */
  readonly to: TaskStatus | "gone" | "unchanged";
  /** Whether a new run starts, with its counters at 0. Otherwise run and counters stay. */
  readonly newRun?: true;
  /** Whether the holder keeps its lease. Otherwise its token is void. */
  readonly keepsLease?: true;
  /** Whether the caller must say so explicitly (`force`). */
  readonly needsForce?: true;
}

/** The calls of operators. Those of workers (claim, renew, settle) are fenced by tokens instead. */
export type Operation = "reschedule" | "schedule" | "cancel" | "retry" | "hold" | "unhold" | "delete";

/**
 * The state table of the contract, as data: what each operation does in each state. A pair that is not listed
 * is refused with `InvalidTransitionError` and changes nothing.
 */
export const TRANSITIONS: Readonly<Record<Operation, Partial<Readonly<Record<TaskStatus, Transition>>>>> = {
  reschedule: {
    PENDING: { to: "PENDING" },
    RUNNING: { to: "PENDING" },
    SUCCESS: { to: "PENDING", newRun: true },
    FAILED: { to: "PENDING" },
    CANCELLED: { to: "PENDING", newRun: true },
  },
  schedule: {
    PENDING: { to: "PENDING" },
    RUNNING: { to: "RUNNING", keepsLease: true },
    SUCCESS: { to: "PENDING", newRun: true },
    FAILED: { to: "PENDING", newRun: true },
    CANCELLED: { to: "unchanged" },
  },
  cancel: {
    PENDING: { to: "CANCELLED" },
    RUNNING: { to: "CANCELLED" },
    SUCCESS: { to: "unchanged" },
    FAILED: { to: "unchanged" },
    CANCELLED: { to: "unchanged" },
  },
  retry: {
    FAILED: { to: "PENDING", newRun: true },
    CANCELLED: { to: "PENDING", newRun: true },
  },
  hold: { PENDING: { to: "PENDING" } },
  unhold: { PENDING: { to: "PENDING" } },
  delete: {
    PENDING: { to: "gone" },
    RUNNING: { to: "gone", needsForce: true },
    SUCCESS: { to: "gone" },
    FAILED: { to: "gone" },
    CANCELLED: { to: "gone" },
  },
};

/** @throws InvalidTransitionError where the table has no entry. */
export function transition(
  operation: Operation,
  taskId: string,
  status: TaskStatus,
  force = false,
): Transition {
  const found = TRANSITIONS[operation][status];
  if (!found || (found.needsForce && !force)) throw new InvalidTransitionError(taskId, operation, status);
  return found;
}
