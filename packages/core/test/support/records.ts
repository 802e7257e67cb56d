import type { StoredTask, TaskRecord } from "@omniq/core/storage";

/** The instant that records are about. */
export const NOW = Date.UTC(2026, 0, 1);

/** A one-off task in the middle of its first run. */
export function taskRecord(changes: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id: "task-1",
    name: "greet",
    queue: "default",
    priority: 0,
    payload: "null",
    format: "json",
    schedule: null,
    scheduleVersion: 1,
    maxRetries: 3,
    timeout: null,
    policies: null,
    headers: null,
    concurrencyKey: null,
    contentDigest: "digest",
    status: "RUNNING",
    run: 1,
    attempts: 1,
    failures: 0,
    recoveries: 0,
    error: null,
    holds: null,
    eta: NOW,
    createdAt: NOW,
    updatedAt: NOW,
    lastAttemptAt: NOW,
    finishedAt: null,
    workerId: "worker-1",
    leaseUntil: NOW + 30_000,
    progress: null,
    dedupeKey: null,
    ...changes,
  };
}

/** The same with what guards it. */
export function storedTask(changes: Partial<StoredTask> = {}): StoredTask {
  return {
    ...taskRecord(changes),
    revision: 7,
    token: "0000000000000005",
    settledToken: null,
    settledDigest: null,
    ...changes,
  };
}
