import type { SequencedTask as Row } from "@omniq/core/storage";
import { changesOf, isSameBeside } from "./differences.ts";
import { taskJson, unlessNull, unlessSame } from "./written.ts";

/*
 * What nearly every line tells of: a new task, its claim, and the end of its run. What is the same for all tasks is not
 * written. It is said by the functions that make a row of an entry, and belongs to the form: to change what they make of the
 * entries that there are raises its version. Whoever writes an entry looks first whether it makes the row that is meant.
 */

/** A new task. */
export interface NewTask {
  readonly id: string;
  readonly at: number;
  readonly name: string;
  readonly payload: string;
  readonly contentDigest: string;
  readonly sequence: number;
  /** Where it is another than {@link USUAL} says. */
  readonly queue?: string | undefined;
  readonly priority?: number | undefined;
  readonly format?: string | undefined;
  readonly maxRetries?: number | undefined;
  /** Where it is another instant. */
  readonly eta?: number | undefined;
  readonly timeout?: number | undefined;
  readonly policies?: string | undefined;
  readonly headers?: string | undefined;
  readonly schedule?: string | undefined;
  readonly dedupeKey?: string | undefined;
  readonly concurrencyKey?: string | undefined;
}

/** What a new task is where its entry says nothing else. */
const USUAL = { queue: "default", priority: 0, format: "json", maxRetries: 3 } as const;

/** The claim of a task. */
export type Claim = Pick<Row, "id" | "token" | "workerId" | "leaseUntil"> & { readonly at: number };

/** The end of a run that has succeeded, and with it of its task. */
export type Settlement = Pick<Row, "id" | "settledDigest"> & { readonly at: number };

/** The row that follows from the entry of a new task. */
export function createdRow(task: NewTask): Row {
  const { at } = task;
  return {
    id: task.id,
    name: task.name,
    queue: task.queue ?? USUAL.queue,
    priority: task.priority ?? USUAL.priority,
    payload: task.payload,
    format: task.format ?? USUAL.format,
    schedule: task.schedule ?? null,
    scheduleVersion: 1,
    maxRetries: task.maxRetries ?? USUAL.maxRetries,
    timeout: task.timeout ?? null,
    policies: task.policies ?? null,
    headers: task.headers ?? null,
    concurrencyKey: task.concurrencyKey ?? null,
    contentDigest: task.contentDigest,
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
    eta: task.eta ?? at,
    dedupeKey: task.dedupeKey ?? null,
    createdAt: at,
    updatedAt: at,
    lastAttemptAt: null,
    finishedAt: null,
    settledToken: null,
    settledDigest: null,
    revision: 1,
    sequence: task.sequence,
  };
}

/** Whether an entry of a new task can make this row: what {@link createdRow} gives to all, without making one to compare. */
export function isAsCreated(row: Row): boolean {
  return (
    row.revision === 1 &&
    row.status === "PENDING" &&
    row.updatedAt === row.createdAt &&
    row.scheduleVersion === 1 &&
    row.run === 1 &&
    row.attempts === 0 &&
    row.failures === 0 &&
    row.recoveries === 0 &&
    row.token === null &&
    row.workerId === null &&
    row.leaseUntil === null &&
    row.progress === null &&
    row.error === null &&
    row.holds === null &&
    row.lastAttemptAt === null &&
    row.finishedAt === null &&
    row.settledToken === null &&
    row.settledDigest === null
  );
}

/** The row that follows from the entry of a claim. */
export function claimedRow(old: Row, { at, token, workerId, leaseUntil }: Claim): Row {
  return {
    ...old,
    status: "RUNNING",
    attempts: old.attempts + 1,
    token,
    workerId,
    leaseUntil,
    progress: null,
    lastAttemptAt: at,
    updatedAt: at,
    revision: old.revision + 1,
  };
}

/** Whether the entry of a claim can make this row of the old one: what {@link claimedRow} gives, without making one to compare. */
function isAsClaimed(old: Row, row: Row): boolean {
  return (
    row.status === "RUNNING" &&
    row.attempts === old.attempts + 1 &&
    row.progress === null &&
    row.lastAttemptAt === row.updatedAt &&
    row.revision === old.revision + 1 &&
    row.finishedAt === old.finishedAt &&
    row.settledToken === old.settledToken &&
    row.settledDigest === old.settledDigest &&
    isSameBeside(old, row)
  );
}

/** The row that follows from the entry of a settlement. */
export function succeededRow(old: Row, { at, settledDigest }: Settlement): Row {
  return {
    ...old,
    status: "SUCCESS",
    token: null,
    workerId: null,
    leaseUntil: null,
    progress: null,
    finishedAt: at,
    updatedAt: at,
    settledToken: old.token,
    settledDigest,
    revision: old.revision + 1,
  };
}

/** Whether the entry of a settlement can make this row of the old one, as {@link succeededRow} does. */
function isAsSucceeded(old: Row, row: Row): boolean {
  return (
    row.status === "SUCCESS" &&
    row.token === null &&
    row.workerId === null &&
    row.leaseUntil === null &&
    row.progress === null &&
    row.finishedAt === row.updatedAt &&
    row.settledToken === old.token &&
    row.revision === old.revision + 1 &&
    row.attempts === old.attempts &&
    row.lastAttemptAt === old.lastAttemptAt &&
    isSameBeside(old, row)
  );
}

/** The JSON text of the entry of a task that is new here. */
export function putEntry(row: Row, isFormCurrent: boolean): string {
  return isFormCurrent && isAsCreated(row) ? newEntry(row) : `{"put":${taskJson(row)}}`;
}

/** The same, of a row that is as it was created. */
export function newEntry(row: Row): string {
  return JSON.stringify({ new: newTaskOf(row) });
}

/** The JSON text of the {@link NewTask} that is in an entry. */
export function newTaskIn(entry: string): string {
  return entry.slice('{"new":'.length, -"}".length);
}

/** What an entry says of a row that is as it was created. */
export function newTaskOf(row: Row): NewTask {
  const task = {
    id: row.id,
    at: row.createdAt,
    name: row.name,
    payload: row.payload,
    contentDigest: row.contentDigest,
    sequence: row.sequence,
  };
  return isUsual(row) ? task : { ...task, ...othersOf(row) };
}

/** Whether a row says nothing that most do not say. */
function isUsual(row: Row): boolean {
  return (
    row.queue === USUAL.queue &&
    row.priority === USUAL.priority &&
    row.format === USUAL.format &&
    row.maxRetries === USUAL.maxRetries &&
    row.eta === row.createdAt &&
    row.timeout === null &&
    row.policies === null &&
    row.headers === null &&
    row.schedule === null &&
    row.dedupeKey === null &&
    row.concurrencyKey === null
  );
}

function othersOf(row: Row): Partial<NewTask> {
  return {
    queue: unlessSame<string>(USUAL.queue, row.queue),
    priority: unlessSame<number>(USUAL.priority, row.priority),
    format: unlessSame<string>(USUAL.format, row.format),
    maxRetries: unlessSame<number>(USUAL.maxRetries, row.maxRetries),
    eta: unlessSame(row.createdAt, row.eta),
    timeout: unlessNull(row.timeout),
    policies: unlessNull(row.policies),
    headers: unlessNull(row.headers),
    schedule: unlessNull(row.schedule),
    dedupeKey: unlessNull(row.dedupeKey),
    concurrencyKey: unlessNull(row.concurrencyKey),
  };
}

/** The JSON text of the entry that makes one row of another. */
export function changeEntry(old: Row, row: Row, isFormCurrent: boolean): string {
  const { id, updatedAt: at } = row;
  if (isFormCurrent && isAsClaimed(old, row)) {
    const { token, workerId, leaseUntil } = row;
    return JSON.stringify({ claim: { id, at, token, workerId, leaseUntil } satisfies Claim });
  }
  if (isFormCurrent && isAsSucceeded(old, row))
    return JSON.stringify({ settle: { id, at, settledDigest: row.settledDigest } satisfies Settlement });
  return JSON.stringify({ change: changesOf(old, row) });
}
