import type { Due } from "../model/due.ts";
import type { EventImport, EventInsert, EventRecord, TaskEventType } from "../model/task-event.ts";
import type { StoredTask, TaskRecord } from "../model/task-record.ts";
import type { ResultRecord } from "../model/task-result.ts";
import type { TaskStatus } from "../model/task-status.ts";
import type { ResultInsert, TaskInsert, TaskWrite } from "../model/task-write.ts";
import type { ImportedTask, QueueLimit } from "./params.ts";

/*
 * What the hooks of BaseStorage take and answer. Arguments are valid, values are serialized, decisions are
 * made: a hook compares and writes.
 */

export interface EnqueueHookParams {
  readonly groups: readonly (readonly TaskInsert[])[];
}

/**
 * `duplicate`: the id stands for other content. A group with a duplicate stores nothing; what its other items
 * answer is then ignored.
 */
export interface InsertAnswer {
  readonly status: "created" | "existing" | "duplicate";
  /** The id of the task that stands. */
  readonly id: string;
}

export interface EnqueueHookResult {
  readonly now: number;
  readonly groups: readonly (readonly InsertAnswer[])[];
  /** Whether other processes were told in the same step, so that `doNotify` need not do it. Default: not. */
  readonly isAnnounced?: boolean;
}

export interface DequeueHookParams {
  /** In order of precedence; never empty, and at most 100. */
  readonly queues: readonly QueueLimit[];
  readonly limit: number;
  readonly workerId: string;
  readonly leaseMs: number;
  /**
   * The store's time after which the claim counts as given up: then nothing is claimed, since it would wait for its lease to
   * lapse. Null where the adapter names no `timeoutMs`.
   */
  readonly deadline: number | null;
  /** The events to write for each task claimed and for each taken over; null for none. */
  readonly events: { readonly claimed: TaskEventType | null; readonly recovered: TaskEventType | null };
}

export interface DequeueHookResult {
  readonly now: number;
  /** Tasks that were PENDING, in the order in which they are to run. */
  readonly claimed: readonly StoredTask[];
  /** Tasks taken over from lapsed leases, `recoveries` raised. */
  readonly recovered: readonly StoredTask[];
}

/** Written, or the row as it stands; null where there is none. */
export type WriteAnswer =
  | { readonly written: true }
  | { readonly written: false; readonly current: StoredTask | null };

export interface WriteHookResult {
  readonly now: number;
  readonly answers: readonly WriteAnswer[];
}

export interface ExchangeHookResult extends DequeueHookResult {
  readonly answers: readonly WriteAnswer[];
}

export interface RenewHookItem {
  readonly id: string;
  readonly token: string;
  readonly leaseMs: number;
  /** JSON text; null leaves the progress. */
  readonly progress: string | null;
}

export type RenewHookAnswer = { readonly until: number } | { readonly current: StoredTask | null };

export interface RenewHookResult {
  readonly now: number;
  readonly answers: readonly RenewHookAnswer[];
}

export interface ListHookParams {
  readonly queue: string | null;
  readonly status: TaskStatus | null;
  readonly name: string | null;
  readonly cursor: string | null;
  readonly limit: number;
}

export interface ListHookResult {
  readonly tasks: readonly TaskRecord[];
  readonly cursor: string | null;
}

export interface PurgeHookParams {
  readonly before: number;
  readonly limit: number;
  readonly status: "SUCCESS" | "FAILED" | "CANCELLED" | null;
}

export interface ResultHookParams {
  readonly taskId: string;
  readonly result: ResultInsert;
  readonly pendingToken: string | null;
}

export interface ResultKey {
  readonly taskId: string;
  /** Null for the latest run that has a result. */
  readonly run: number | null;
}

export interface ListResultsHookParams {
  readonly cursor: string | null;
  /** About so many: a store whose keys are in no order may answer a few more or less. */
  readonly limit: number;
}

export interface ListResultsHookResult {
  readonly results: readonly ResultRecord[];
  readonly cursor: string | null;
}

export interface EventsHookParams {
  readonly taskId: string | null;
  readonly type: TaskEventType | null;
  readonly workerId: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly cursor: string | null;
  readonly limit: number;
}

export interface EventsHookResult {
  readonly events: readonly EventRecord[];
  readonly cursor: string | null;
}

export interface DescribeHookResult {
  readonly durability: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

export type {
  Due,
  EventImport,
  EventInsert,
  EventRecord,
  ImportedTask,
  QueueLimit,
  ResultInsert,
  ResultRecord,
  StoredTask,
  TaskInsert,
  TaskRecord,
  TaskWrite,
};
