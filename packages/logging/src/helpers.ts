import type { TaskError } from "@omniq/core";
import { bindTask } from "./task-context.ts";
import { getLogger } from "./get-logger.ts";

// One record each for what happens to tasks, workers and stores. None takes a payload or a result.

/** @param name the task's registered name, or the path of its function */
export function logTaskEnqueued(taskId: string, name: string): void {
  bindTask(taskId).info("Task enqueued: %s -> %s", taskId, name, { func_path: name });
}

/** @param attempt which claim of the run this is, from 1 */
export function logTaskStarted(taskId: string, attempt: number): void {
  bindTask(taskId).info("Task started: %s (attempt %d)", taskId, attempt, { attempt });
}

/** @param attempts how many claims the run took */
export function logTaskCompleted(taskId: string, attempts: number): void {
  bindTask(taskId).info("Task completed: %s after %d attempts", taskId, attempts, { attempts });
}

/** At WARNING where it will be retried, at ERROR where that was its end. */
export function logTaskFailed(
  taskId: string,
  error: unknown,
  { willRetry = false }: { readonly willRetry?: boolean } = {},
): void {
  const log = bindTask(taskId, { will_retry: willRetry });
  if (willRetry) log.warn("Task failed and will be retried: %s: %s", taskId, textOf(error), facts(error));
  else log.error("Task failed: %s: %s", taskId, textOf(error), facts(error));
}

/** @param concurrency how many tasks the worker runs at once */
export function logWorkerStarted(concurrency: number): void {
  getLogger().info("Worker started with concurrency %d", concurrency, { concurrency });
}

export function logWorkerStopped(): void {
  getLogger().info("Worker stopped");
}

/** @param operation what was being done, such as `dequeue` */
export function logStorageError(operation: string, error: unknown): void {
  getLogger().error("Storage error during %s: %s", operation, textOf(error), { operation, ...facts(error) });
}

/** @param operation what was being done, such as `enqueue` */
export function logSerializationError(operation: string, error: unknown): void {
  getLogger().error("Serialization error during %s: %s", operation, textOf(error), {
    operation,
    ...facts(error),
  });
}

/** A TaskError says of itself what it is; it is known by its facts, since several copies of core may be about. */
function facts(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { error: textOf(error) };
  const { errorType, retryCount, isRetryable } = error as Partial<TaskError>;
  return { error, error_type: errorType, retry_count: retryCount, is_retryable: isRetryable };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
