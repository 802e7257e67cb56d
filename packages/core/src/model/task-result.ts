import type { TaskError } from "../errors/task-error.ts";

/** How one run of a task ended. */
export interface TaskResult<Value = unknown> {
  readonly taskId: string;
  /** Which run of the task, from 1. */
  readonly run: number;
  readonly status: "SUCCESS" | "FAILED";
  /** What the handler returned; null after a failure. A handler that returned nothing has returned null. */
  readonly value: Value | null;
  readonly error: TaskError | null;
  /** Claims that the run took. */
  readonly attempts: number;
  readonly startedAt: Date | null;
  readonly finishedAt: Date;
  /** From this instant on the result is gone; null for never. */
  readonly expiresAt: Date | null;
}

/** A result as a store keeps it. */
export interface ResultRecord {
  readonly taskId: string;
  readonly run: number;
  readonly status: "SUCCESS" | "FAILED";
  /** The value as the serializer wrote it; null after a failure. */
  readonly value: string | null;
  /** Which serializer wrote it. */
  readonly format: string;
  /** JSON text of the error; null after a success. */
  readonly error: string | null;
  readonly attempts: number;
  readonly startedAt: number | null;
  readonly finishedAt: number;
  readonly expiresAt: number | null;
  /** The token of a settlement that is not confirmed yet (stores joined by a composite); else null. */
  readonly pendingToken: string | null;
}
