import { dueAt } from "../model/due.ts";
import type { EventInsert } from "../model/task-event.ts";
import type { StoredTask, TaskRecord } from "../model/task-record.ts";
import type { ResultRecord } from "../model/task-result.ts";
import { isFinished } from "../model/task-status.ts";
import type { ResultInsert, TaskInsert, TaskWrite } from "../model/task-write.ts";
import type { ImportedTask } from "./params.ts";

/*
 * What inserts, claims and guarded writes make of a row, for stores that keep rows as objects. Stores with a query
 * language of their own say the same in it.
 */

/** A stored task with its place in the order of enqueueing. */
export interface SequencedTask extends StoredTask {
  readonly sequence: number;
}

/**
 * A new task, waiting. Here and below fields are named one by one: to copy what is left of an object, or several objects into
 * one, takes several times as long.
 */
export function newRow(insert: TaskInsert, sequence: number, now: number): SequencedTask {
  return {
    id: insert.id,
    name: insert.name,
    queue: insert.queue,
    priority: insert.priority,
    payload: insert.payload,
    format: insert.format,
    schedule: insert.schedule,
    scheduleVersion: insert.scheduleVersion,
    maxRetries: insert.maxRetries,
    timeout: insert.timeout,
    policies: insert.policies,
    headers: insert.headers,
    concurrencyKey: insert.concurrencyKey,
    contentDigest: insert.contentDigest,
    token: null,
    workerId: null,
    leaseUntil: null,
    progress: null,
    status: "PENDING",
    run: 1,
    attempts: 0,
    failures: 0,
    recoveries: 0,
    error: null,
    holds: null,
    eta: dueAt(insert.due, now),
    dedupeKey: insert.dedupe?.key ?? null,
    createdAt: now,
    updatedAt: now,
    lastAttemptAt: null,
    finishedAt: null,
    settledToken: null,
    settledDigest: null,
    revision: 1,
    sequence,
  };
}

/** A task from another store, in any state but RUNNING. */
export function importedRow(task: ImportedTask, sequence: number): SequencedTask {
  return {
    ...task,
    token: null,
    workerId: null,
    leaseUntil: null,
    settledToken: null,
    settledDigest: null,
    revision: 1,
    sequence,
  };
}

/** The row with some fields changed. */
export function changedRow(row: SequencedTask, changes: Partial<StoredTask>, now: number): SequencedTask {
  return { ...row, ...changes, updatedAt: now, revision: row.revision + 1 };
}

/** The row after a claim. One whose lease has lapsed counts a recovery. */
export function leasedRow(
  row: SequencedTask,
  lease: { readonly token: string; readonly workerId: string; readonly leaseMs: number },
  now: number,
): SequencedTask {
  return {
    ...row,
    status: "RUNNING",
    attempts: row.attempts + 1,
    recoveries: row.recoveries + (row.status === "RUNNING" ? 1 : 0),
    lastAttemptAt: now,
    token: lease.token,
    workerId: lease.workerId,
    leaseUntil: now + lease.leaseMs,
    progress: null,
    updatedAt: now,
    revision: row.revision + 1,
  };
}

/** The row after a renewal. It counts as no change of the task itself. */
export function renewedRow(
  row: SequencedTask,
  { leaseMs, progress }: { readonly leaseMs: number; readonly progress: string | null },
  now: number,
): SequencedTask {
  const leaseUntil = Math.max(row.leaseUntil as number, now + leaseMs);
  return { ...row, leaseUntil, progress: progress ?? row.progress, revision: row.revision + 1 };
}

/** Whether a guarded write may be made. */
export function guardHolds({ guard }: TaskWrite, row: StoredTask): boolean {
  if ("revision" in guard) return row.revision === guard.revision;
  return row.token === guard.token && row.scheduleVersion === guard.scheduleVersion;
}

/** The row after a guarded write; null where it goes. */
export function writtenRow(write: TaskWrite, row: SequencedTask, now: number): SequencedTask | null {
  const { guard, state, definition, due, keepsLease } = write;
  if (state === null) return null;
  return {
    ...(definition ? { ...row, ...definition } : row),
    status: state.status,
    run: state.run,
    attempts: state.attempts,
    failures: state.failures,
    recoveries: state.recoveries,
    error: state.error,
    holds: state.holds,
    eta: due ? dueAt(due, now) : row.eta,
    token: keepsLease ? row.token : null,
    workerId: keepsLease ? row.workerId : null,
    leaseUntil: keepsLease ? row.leaseUntil : null,
    progress: keepsLease ? row.progress : null,
    settledToken: "token" in guard ? guard.token : row.settledToken,
    settledDigest: "token" in guard ? guard.outcomeDigest : row.settledDigest,
    finishedAt: isFinished(state.status) ? now : null,
    updatedAt: now,
    revision: row.revision + 1,
  };
}

/** The event of a claim. */
export function claimEvent(
  row: Pick<TaskRecord, "id" | "run" | "attempts" | "workerId">,
  type: EventInsert["type"],
): EventInsert {
  return { taskId: row.id, type, run: row.run, attempt: row.attempts, workerId: row.workerId, data: null };
}

/** A result as it is stored. */
export function newResult(
  taskId: string,
  result: ResultInsert,
  pendingToken: string | null,
  now: number,
): ResultRecord {
  return {
    taskId,
    run: result.run,
    status: result.status,
    value: result.value,
    format: result.format,
    error: result.error,
    attempts: result.attempts,
    startedAt: result.startedAt,
    finishedAt: now,
    expiresAt: result.ttlMs === null ? null : now + result.ttlMs,
    pendingToken,
  };
}

/** An expired result is not there, whether or not it has been purged. */
export function isExpired({ expiresAt }: ResultRecord, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** A row without what guards it, which no reader may see. */
export function recordOf(
  row: Omit<SequencedTask, "token" | "settledToken"> & {
    readonly token: unknown;
    readonly settledToken: unknown;
  },
): TaskRecord {
  const { sequence: _s, revision: _r, token: _t, settledToken: _st, settledDigest: _sd, ...record } = row;
  return record;
}
