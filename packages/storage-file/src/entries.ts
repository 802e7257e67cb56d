import type { Ranges } from "./ranges.ts";
import type { EventRecord, QueueInfo, ResultRecord, SequencedTask } from "@omniq/core/storage";

/** A line that cannot be read, kept with what is known of it. */
export interface Damage {
  /** The tasks that it is about, as far as they can be made out. */
  readonly ids: readonly string[];
  /** The file that it was found in, and where, in bytes from its beginning. */
  readonly path: string;
  readonly offset: number;
  readonly line: string;
}

/**
 * What a record of the journal is made of: each entry states how something is now. A record is an array of entries that
 * were made in one step.
 */
export type Entry =
  /** A whole task. Fields that are null are left out. */
  | { readonly put: WithoutNulls<SequencedTask> }
  /** Fields of a task that have changed. */
  | { readonly change: Partial<SequencedTask> & { readonly id: string } }
  /** The id of a task that was removed. */
  | { readonly gone: string }
  /** A result, and an event. Fields that are null are left out. */
  | { readonly result: WithoutNulls<ResultRecord> }
  /** Results that were removed: of one run, or all of a task. */
  | { readonly resultGone: { readonly taskId: string; readonly run: number | null } }
  | { readonly event: WithoutNulls<EventRecord> }
  /** The sequence numbers of events that were removed. */
  | { readonly eventsGone: readonly number[] }
  | { readonly queue: QueueInfo }
  /** The last numbers given, where no task or event that is left shows them. */
  | { readonly counters: { readonly sequence: number; readonly token: number } }
  /** An archive, with what has gone of it. */
  | { readonly archived: ArchivedEntry }
  /** More has gone of an archive. */
  | { readonly archivedGone: Gone & { readonly file: string } }
  /** A line of an earlier segment that could not be read. */
  | { readonly damaged: Damage }
  /** Everything was removed. */
  | { readonly cleared: true };

/** What has gone of an archive: tasks and results, by their ordinals. */
export interface Gone {
  readonly tasks?: Ranges;
  readonly results?: Ranges;
}

/** How an archive is written in a record. */
export interface ArchiveState extends Gone {
  readonly file: string;
  /** How many tasks it was written with. */
  readonly count: number;
}

export interface ArchivedEntry extends ArchiveState {
  /** The tasks that it takes over from the journal, each with the result of its last run. */
  readonly sequences?: Ranges;
  /** The archives that it takes over from. */
  readonly replaces?: readonly string[];
}

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
const NULLABLE_TASK_FIELDS = Object.keys(NO_TASK_FIELDS) as (keyof SequencedTask)[];
const NULLABLE_RESULT_FIELDS = Object.keys(NO_RESULT_FIELDS) as (keyof ResultRecord)[];
const NULLABLE_EVENT_FIELDS = Object.keys(NO_EVENT_FIELDS) as (keyof EventRecord)[];

type NullsOf<T> = { readonly [K in keyof T as null extends T[K] ? K : never]: null };

/** What every row has. */
type Always<T> = { readonly [K in keyof T as null extends T[K] ? never : K]: T[K] };

/** The JSON text of a task, without the fields that are null. */
export function taskJson(row: SequencedTask): string {
  // One by one: to look through all fields by name takes twice as long.
  const always: Always<SequencedTask> = {
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
  };
  return jsonWith(always, row, NULLABLE_TASK_FIELDS);
}

/** The JSON text of a result, without the fields that are null. */
export function resultJson(result: ResultRecord): string {
  const { taskId, run, status, format, attempts, finishedAt } = result;
  const always: Always<ResultRecord> = { taskId, run, status, format, attempts, finishedAt };
  return jsonWith(always, result, NULLABLE_RESULT_FIELDS);
}

/** The JSON text of an event, without the fields that are null. */
export function eventJson(event: EventRecord): string {
  const { taskId, type, timestamp, run, attempt, sequence } = event;
  const always: Always<EventRecord> = { taskId, type, timestamp, run, attempt, sequence };
  return jsonWith(always, event, NULLABLE_EVENT_FIELDS);
}

function jsonWith<T extends object>(always: object, row: T, nullable: readonly (keyof T)[]): string {
  const written = always as Partial<T>;
  for (const name of nullable) {
    const value = row[name];
    if (value !== null) written[name] = value;
  }
  return JSON.stringify(written);
}

export function wholeTask(written: WithoutNulls<SequencedTask>): SequencedTask {
  return { ...NO_TASK_FIELDS, ...written };
}

export function wholeResult(written: WithoutNulls<ResultRecord>): ResultRecord {
  return { ...NO_RESULT_FIELDS, ...written };
}

export function wholeEvent(written: WithoutNulls<EventRecord>): EventRecord {
  return { ...NO_EVENT_FIELDS, ...written };
}
