/** OmniQ without promises: twins that block until the asynchronous side, in a thread of its own, has answered. */
export type { Blocking, WatchSync } from "./blocking.ts";
export { OmniQSync, type OpenMoreSyncOptions, type OpenSyncOptions } from "./omniq-sync.ts";
export type { ModuleName, TwinOptions } from "./portable.ts";
export { type GetResultSync, SchedulesSync, TaskQueueSync, type TaskQueueSyncOptions } from "./queue-sync.ts";
export { STORAGE_METHODS, StorageSync, type StorageSyncOptions } from "./storage-sync.ts";
export { Thread } from "./thread.ts";
export { WorkerPoolSync, type WorkerPoolSyncOptions } from "./worker-sync.ts";
