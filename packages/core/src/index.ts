/** OmniQ for applications: define tasks, enqueue them, run workers. Adapters extend `@omniq/core/storage`. */
export { AdapterNotFoundError } from "./errors/adapter-not-found-error.ts";
export { OmniQError } from "./errors/omniq-error.ts";
export {
  ClosedError,
  CorruptRecordError,
  DuplicateTaskError,
  InvalidTransitionError,
  LeaseLostError,
  type LeaseLostReason,
  NotFoundError,
  StorageError,
  type StorageOutcome,
} from "./errors/storage-error.ts";
export {
  type ErrorCategory,
  ErrorType,
  type FromExceptionOptions,
  NonRetryableError,
  type SerializedTaskError,
  TaskError,
  type TaskErrorDetails,
  type TaskErrorFields,
} from "./errors/task-error.ts";
export {
  NotImplementedError,
  PayloadTooLargeError,
  SerializationError,
  ValidationError,
  type ValidationIssue,
} from "./errors/validation-error.ts";
export { CompositeStorage, type CompositeStorageOptions } from "./storage/composite-storage.ts";
export type { FailOutcome, Outcome, ReleaseOutcome, RetryOutcome } from "./model/settlement.ts";
export type { CopyOptions, CopyProgress, CopyReport } from "./copy/copy-store.ts";
export { OmniQ, type OpenMoreOptions, type OpenOptions } from "./facade/omniq.ts";
export { type Settings, readSettings } from "./facade/settings.ts";
export type { StorageModule } from "./facade/storage-module.ts";
export { type DurationInput, type DurationParts, durationMs } from "./model/duration.ts";
export {
  Interval,
  type SerializedInterval,
  deserializeInterval,
  serializeInterval,
  toInterval,
} from "./model/interval.ts";
export { JsonSerializer } from "./model/json-serializer.ts";
export type { Missed } from "./model/recurrence.ts";
export {
  type BackoffContext,
  type BackoffFunction,
  type RetryOptions,
  type RetryPolicy,
} from "./model/retry-policy.ts";
export { type EventLevel, type TaskEvent, TaskEventType } from "./model/task-event.ts";
export type { Keep } from "./model/task-policies.ts";
export type { TaskResult } from "./model/task-result.ts";
export { TaskStatus } from "./model/task-status.ts";
export { type Task, type TaskSchedule, getErrorMessage, hasError, isFailed } from "./model/task.ts";
export { type Clock, type Timer, sleep, systemClock } from "./ports/clock.ts";
export { type IdSource, uuidV7 } from "./ports/ids.ts";
export { type LogFields, type Logger, consoleLogger, silentLogger } from "./ports/logger.ts";
export { type Random, systemRandom } from "./ports/random.ts";
export type { Serializer } from "./ports/serializer.ts";
export {
  type AnyTaskDefinition,
  type TaskDefaults,
  type TaskDefinition,
  type TaskOptions,
  type TaskOptionsWithSchema,
  defineTask,
} from "./queue/define-task.ts";
export type { EnqueueDefaults, EnqueueOptions, ViaOption } from "./queue/enqueue-options.ts";
export { type ErrorClass, type ErrorClassifier, classifyError } from "./queue/classify-error.ts";
export { type CreateTaskOptions, createTask } from "./queue/create-task.ts";
export type { Explanation, Reason, ReasonCode } from "./queue/explain.ts";
export type { RetryFailedOptions } from "./queue/retry-failed.ts";
export { type ResultAbsence, ResultUnavailableError, WaitTimeoutError } from "./queue/result-errors.ts";
export type { TaskContext } from "./queue/task-context.ts";
export type { Schedules } from "./queue/schedules.ts";
export type { TaskList } from "./queue/task-list.ts";
export type { GetResultOptions, TaskId, TaskOperations } from "./queue/task-operations.ts";
export type { EnqueueItem, EnqueueItems, TaskIds, TaskOrName } from "./queue/enqueue-item.ts";
export { TaskQueue, type TaskQueueOptions } from "./queue/task-queue.ts";
export { ShutdownError, SnoozeSignal } from "./worker/execution.ts";
export type {
  QueueOption,
  RetentionOptions,
  WorkerOptions,
  WorkerPoolOptions,
} from "./worker/worker-options.ts";
export { WorkerPool } from "./worker/worker-pool.ts";
