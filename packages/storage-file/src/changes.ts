import { type SequencedTask as Row, isFinished } from "@omniq/core/storage";
import { type Written, unlessSame } from "./written.ts";

/** The fields of a task that are not what an entry makes of every task by itself. */
export type Changes = Partial<Row> & { readonly id: string };

/** The same of a step, and its instant. */
export type Step = Changes & { readonly at: number };

/**
 * The JSON text of the entry that makes one row of another. What a claim and the end of a run make of every task is not
 * said again by each: they are most of what is ever written.
 *
 * @param isFormCurrent whether only releases read it that know the entries of steps
 */
export function changeJson(old: Row, row: Row, isFormCurrent: boolean): string {
  const at = row.updatedAt;
  if (isFormCurrent && row.status === "RUNNING" && row.token !== old.token)
    return `{"claim":${differences(claimed(old, at), row, at)}}`;
  if (isFormCurrent && old.status === "RUNNING" && isFinished(row.status))
    return `{"settle":${differences(settled(old, at), row, at)}}`;
  return `{"change":${differences(old, row)}}`;
}

/** The row as a claim leaves it. What is as here is not written: to change any of it raises the form's version. */
export function claimed(old: Row, at: number): Row {
  return {
    ...old,
    status: "RUNNING",
    attempts: old.attempts + 1,
    lastAttemptAt: at,
    updatedAt: at,
    revision: old.revision + 1,
    progress: null,
  };
}

/** The row as the end of its last run leaves it, likewise. */
export function settled(old: Row, at: number): Row {
  return {
    ...old,
    status: "SUCCESS",
    finishedAt: at,
    updatedAt: at,
    revision: old.revision + 1,
    settledToken: old.token,
    token: null,
    workerId: null,
    leaseUntil: null,
    progress: null,
  };
}

/** The JSON text of the fields that are not as in the base, its id and the instant of a step. */
function differences(base: Row, row: Row, at?: number): string {
  return JSON.stringify({
    id: row.id,
    at,
    status: unlessSame(base.status, row.status),
    attempts: unlessSame(base.attempts, row.attempts),
    token: unlessSame(base.token, row.token),
    workerId: unlessSame(base.workerId, row.workerId),
    leaseUntil: unlessSame(base.leaseUntil, row.leaseUntil),
    lastAttemptAt: unlessSame(base.lastAttemptAt, row.lastAttemptAt),
    finishedAt: unlessSame(base.finishedAt, row.finishedAt),
    settledToken: unlessSame(base.settledToken, row.settledToken),
    settledDigest: unlessSame(base.settledDigest, row.settledDigest),
    error: unlessSame(base.error, row.error),
    progress: unlessSame(base.progress, row.progress),
    failures: unlessSame(base.failures, row.failures),
    recoveries: unlessSame(base.recoveries, row.recoveries),
    eta: unlessSame(base.eta, row.eta),
    run: unlessSame(base.run, row.run),
    holds: unlessSame(base.holds, row.holds),
    updatedAt: unlessSame(base.updatedAt, row.updatedAt),
    revision: unlessSame(base.revision, row.revision),
    name: unlessSame(base.name, row.name),
    queue: unlessSame(base.queue, row.queue),
    priority: unlessSame(base.priority, row.priority),
    payload: unlessSame(base.payload, row.payload),
    format: unlessSame(base.format, row.format),
    schedule: unlessSame(base.schedule, row.schedule),
    scheduleVersion: unlessSame(base.scheduleVersion, row.scheduleVersion),
    maxRetries: unlessSame(base.maxRetries, row.maxRetries),
    timeout: unlessSame(base.timeout, row.timeout),
    policies: unlessSame(base.policies, row.policies),
    headers: unlessSame(base.headers, row.headers),
    concurrencyKey: unlessSame(base.concurrencyKey, row.concurrencyKey),
    dedupeKey: unlessSame(base.dedupeKey, row.dedupeKey),
    contentDigest: unlessSame(base.contentDigest, row.contentDigest),
    createdAt: unlessSame(base.createdAt, row.createdAt),
    sequence: unlessSame(base.sequence, row.sequence),
  } satisfies Written<Row & { readonly at: number }>);
}
