/** Logs of OmniQ: four functions, and a helper for each thing that happens to tasks, workers and stores. */
export { configure, flush } from "./configure.ts";
export type { FlatFields } from "./flat-fields.ts";
export { getLogger } from "./get-logger.ts";
export {
  logSerializationError,
  logStorageError,
  logTaskCompleted,
  logTaskEnqueued,
  logTaskFailed,
  logTaskStarted,
  logWorkerStarted,
  logWorkerStopped,
} from "./helpers.ts";
export type { LogLevel } from "./log-level.ts";
export type { LogRecord } from "./log-record.ts";
export type { OmniQLogger } from "./logger.ts";
export type { LogMode, LogOptions } from "./settings.ts";
export { type TaskLog, bindTask, taskContext } from "./task-context.ts";
