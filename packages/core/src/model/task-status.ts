/**
 * The five states of a task, stored as this text in every store.
 *
 * A task that waits for its retry is `PENDING` with an eta ahead and its error set; there is no sixth state.
 */
export const TaskStatus = {
  PENDING: "PENDING",
  RUNNING: "RUNNING",
  SUCCESS: "SUCCESS",
  FAILED: "FAILED",
  CANCELLED: "CANCELLED",
} as const;

export type TaskStatus = (typeof TaskStatus)[keyof typeof TaskStatus];

/** All statuses, in the order in which a task can pass them. */
export const TASK_STATUSES: readonly TaskStatus[] = Object.values(TaskStatus);

/** Whether a task in this state has ended. */
export function isFinished(status: TaskStatus): boolean {
  return status === "SUCCESS" || status === "FAILED" || status === "CANCELLED";
}
