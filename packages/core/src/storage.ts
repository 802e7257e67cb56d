/** The storage contract, for authors of adapters: extend {@link BaseStorage} and implement its hooks. */
export { type PlainEnd, areAlikeEnds, areAlikeInserts } from "./storage/alike.ts";
export { BaseStorage } from "./storage/base-storage.ts";
export { baseFolder } from "./storage/base-folder.ts";
export {
  type AdapterInfo,
  BASE_STORAGE_OPTIONS,
  type BaseStorageOptions,
} from "./storage/storage-session.ts";
export { type Capabilities, DEFAULT_CAPABILITIES } from "./storage/capabilities.ts";
export {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOneOf,
  checkOptions,
  checkRecord,
  checkTestClock,
  checkSpan,
  checkText,
  isText,
} from "./storage/checks.ts";
export { CONTRACT_VERSION } from "./storage/contract-version.ts";
export {
  FAILURES,
  type Failure,
  type FailureTable,
  type FailureVerdict,
  driverCodeOf,
  driverError,
  failureOf,
} from "./storage/driver-failures.ts";
export type { EventStorage, ResultStorage, TaskStorage } from "./storage/facets.ts";
export type * from "./storage/hooks.ts";
export { packageVersion } from "./storage/package-version.ts";
export type * from "./storage/params.ts";
export { isPlainInsert, plainInsert } from "./storage/plain-insert.ts";
export { DEFAULT_MAX_RETRIES, DEFAULT_QUEUE } from "./storage/prepare-task.ts";
export { RecordStorage } from "./storage/record-storage.ts";
export type * from "./storage/record-store.ts";
export {
  type SequencedTask,
  changedRow,
  claimEvent,
  guardHolds,
  importedRow,
  isExpired,
  leasedRow,
  newResult,
  newRow,
  recordOf,
  renewedRow,
  writtenRow,
} from "./storage/rows.ts";
export { REQUIRED_HOOKS } from "./storage/required-hooks.ts";
export { emitWarningOnce } from "./ports/warning.ts";
export { Announcer } from "./storage/announcer.ts";
export { Doorbell } from "./storage/doorbell.ts";
export { afterSome } from "./storage/storage-failure.ts";
export { SERVER_CAPABILITIES } from "./storage/server-capabilities.ts";
export { StorageHooks } from "./storage/storage-hooks.ts";
export { withinTime } from "./storage/time-limit.ts";
export { type Listen, listenForWakes } from "./storage/wake-listener.ts";
export { dueAt } from "./model/due.ts";
export { type Operation, TRANSITIONS, type Transition } from "./model/transitions.ts";
export { TASK_STATUSES, TaskStatus, isFinished } from "./model/task-status.ts";
export type { TaskDefinition, TaskRecord, TaskState, StoredTask } from "./model/task-record.ts";
export type { DedupeInsert, WriteGuard } from "./model/task-write.ts";
