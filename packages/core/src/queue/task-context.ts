import type { DurationInput } from "../model/duration.ts";
import type { LogFields, Logger } from "../ports/logger.ts";
import type { Lease } from "../storage/params.ts";

/** What a handler is given besides its payload. */
export interface TaskContext {
  readonly taskId: string;
  /** The task's registered name. */
  readonly name: string;
  readonly queue: string;
  /** Which run of the task this is, from 1; a recurring task gets a new one each time. */
  readonly run: number;
  /** Which claim of this run this is, from 1. */
  readonly attempt: number;
  /** How many failures of this run came before. */
  readonly failures: number;
  readonly workerId: string;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Ties together what one cause led to, across tasks and processes: what the enqueuing side's logger said, or else the id
   * of the task.
   */
  readonly correlationId: string;
  /**
   * Aborts when the run must stop: its time is over, its lease is lost, the task was cancelled, or the worker
   * shuts down. Its `reason` is the error that says which.
   */
  readonly signal: AbortSignal;
  /** Records carry the task's id, name, attempt and worker. */
  readonly logger: Logger;
  /**
   * Gives the task back unharmed, to be run again after `delay`: it burns no attempt and no retry, and is no failure. It
   * leaves the handler by throwing; a handler that catches that snoozes all the same.
   *
   * @throws ValidationError for a bad delay
   */
  readonly snooze: (delay: DurationInput) => never;
  /**
   * Stores how far the run has come, as any one value that JSON can hold; `getTask(id).progress` reads it. Each call is one
   * write to the store.
   *
   * @throws LeaseLostError where another holds the task; SerializationError, StorageError
   */
  readonly setProgress: (progress: unknown) => Promise<void>;
  /** The right to settle this run; its token fences writes to other systems too. */
  readonly lease: Lease;
}

/** The header that carries the correlation id. */
export const CORRELATION_HEADER = "correlation_id";

/** The facts that every log record about a task carries. */
export function taskFields(
  context: Pick<TaskContext, "taskId" | "correlationId" | "name" | "attempt" | "workerId">,
): LogFields {
  return {
    task_id: context.taskId,
    correlation_id: context.correlationId,
    operation: context.name,
    attempt: context.attempt,
    worker: context.workerId,
  };
}
