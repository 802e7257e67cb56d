import type { EventRecord, ResultRecord, SequencedTask } from "@omniq/core/storage";

/** A row as it is written: a third of what a task has is null most of the time. */
export type WithoutNulls<T> = { readonly [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as null extends T[K] ? K : never]?: T[K];
};

const NO_TASK_FIELDS = {
  schedule: null,
  timeout: null,
  policies: null,
  headers: null,
  concurrencyKey: null,
  token: null,
  workerId: null,
  leaseUntil: null,
  progress: null,
  error: null,
  holds: null,
  dedupeKey: null,
  lastAttemptAt: null,
  finishedAt: null,
  settledToken: null,
  settledDigest: null,
} as const satisfies NullsOf<SequencedTask>;
const NO_RESULT_FIELDS = {
  value: null,
  error: null,
  startedAt: null,
  expiresAt: null,
  pendingToken: null,
} as const satisfies NullsOf<ResultRecord>;
const NO_EVENT_FIELDS = { workerId: null, data: null } as const satisfies NullsOf<EventRecord>;

/** What the row of a task says of the result of its last run. */
type SaidByTask = "run" | "status" | "format" | "error" | "attempts" | "startedAt" | "finishedAt";

/** A result as it is written. */
export type WrittenResult = WithoutNulls<ResultRecord> | Omit<WithoutNulls<ResultRecord>, SaidByTask>;

type NullsOf<T> = { readonly [K in keyof T as null extends T[K] ? K : never]: null };

/** What is to be written of a row, field by field: what is undefined is left out by JSON. */
export type Written<T> = { readonly [K in keyof T]: T[K] | undefined };

/*
 * The fields are named one by one: to go through them by their names takes ten times as long.
 */

/** The JSON text of a task, without the fields that are null. */
export function taskJson(row: SequencedTask): string {
  return JSON.stringify({
    id: row.id,
    name: row.name,
    queue: row.queue,
    priority: row.priority,
    payload: row.payload,
    format: row.format,
    status: row.status,
    scheduleVersion: row.scheduleVersion,
    eta: row.eta,
    maxRetries: row.maxRetries,
    contentDigest: row.contentDigest,
    run: row.run,
    attempts: row.attempts,
    failures: row.failures,
    recoveries: row.recoveries,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    revision: row.revision,
    sequence: row.sequence,
    schedule: unlessNull(row.schedule),
    timeout: unlessNull(row.timeout),
    policies: unlessNull(row.policies),
    headers: unlessNull(row.headers),
    concurrencyKey: unlessNull(row.concurrencyKey),
    token: unlessNull(row.token),
    workerId: unlessNull(row.workerId),
    leaseUntil: unlessNull(row.leaseUntil),
    progress: unlessNull(row.progress),
    error: unlessNull(row.error),
    holds: unlessNull(row.holds),
    dedupeKey: unlessNull(row.dedupeKey),
    lastAttemptAt: unlessNull(row.lastAttemptAt),
    finishedAt: unlessNull(row.finishedAt),
    settledToken: unlessNull(row.settledToken),
    settledDigest: unlessNull(row.settledDigest),
  } satisfies Written<SequencedTask>);
}

/** The JSON text of a result, without the fields that are null. */
export function resultJson(result: ResultRecord): string {
  return JSON.stringify({
    taskId: result.taskId,
    run: result.run,
    status: result.status,
    format: result.format,
    attempts: result.attempts,
    finishedAt: result.finishedAt,
    value: unlessNull(result.value),
    error: unlessNull(result.error),
    startedAt: unlessNull(result.startedAt),
    expiresAt: unlessNull(result.expiresAt),
    pendingToken: unlessNull(result.pendingToken),
  } satisfies Written<ResultRecord>);
}

/** The same without what the row of its task says, where that is so. */
export function lastResultJson(result: ResultRecord, task: SequencedTask | undefined): string {
  const isSaid =
    task?.run === result.run &&
    task.status === result.status &&
    task.format === result.format &&
    task.error === result.error &&
    task.attempts === result.attempts &&
    task.lastAttemptAt === result.startedAt &&
    task.finishedAt === result.finishedAt;
  if (!isSaid) return resultJson(result);
  return JSON.stringify({
    taskId: result.taskId,
    value: unlessNull(result.value),
    expiresAt: unlessNull(result.expiresAt),
    pendingToken: unlessNull(result.pendingToken),
  } satisfies Written<Omit<ResultRecord, SaidByTask>>);
}

/** The JSON text of an event, without the fields that are null. */
export function eventJson(event: EventRecord): string {
  return JSON.stringify({
    taskId: event.taskId,
    type: event.type,
    timestamp: event.timestamp,
    run: event.run,
    attempt: event.attempt,
    sequence: event.sequence,
    workerId: unlessNull(event.workerId),
    data: unlessNull(event.data),
  } satisfies Written<EventRecord>);
}

export function wholeTask(written: WithoutNulls<SequencedTask>): SequencedTask {
  return { ...NO_TASK_FIELDS, ...written };
}

export function wholeResult(written: WithoutNulls<ResultRecord>): ResultRecord {
  return { ...NO_RESULT_FIELDS, ...written };
}

/** @param task the row that its task has in memory */
export function wholeLastResult(
  written: WrittenResult,
  task: SequencedTask | undefined,
): ResultRecord | undefined {
  if ("run" in written) return wholeResult(written);
  if (!task) return undefined;
  const { run, format, error, attempts, lastAttemptAt: startedAt } = task;
  const [status, finishedAt] = [task.status, task.finishedAt] as [ResultRecord["status"], number];
  return wholeResult({ ...written, run, status, format, error, attempts, startedAt, finishedAt });
}

export function wholeEvent(written: WithoutNulls<EventRecord>): EventRecord {
  return { ...NO_EVENT_FIELDS, ...written };
}

export function unlessNull<T>(value: T | null): T | undefined {
  return value === null ? undefined : value;
}

export function unlessSame<T>(base: T, value: T): T | undefined {
  return base === value ? undefined : value;
}
