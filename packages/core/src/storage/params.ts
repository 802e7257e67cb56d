import type { LeaseLostReason } from "../errors/storage-error.ts";
import type { Due } from "../model/due.ts";
import type { CronRecurrence } from "../model/cron.ts";
import type { IntervalRecurrence, RecurrenceRules } from "../model/recurrence.ts";
import type { Outcome } from "../model/settlement.ts";
import type { TaskEvent, TaskEventType } from "../model/task-event.ts";
import type { TaskPolicies } from "../model/task-policies.ts";
import type { ResultRecord } from "../model/task-result.ts";
import type { TaskRecord } from "../model/task-record.ts";
import type { TaskStatus } from "../model/task-status.ts";
import type { Capabilities } from "./capabilities.ts";

/** A task to be enqueued. Only the name is needed. */
export interface NewTask {
  /** Kept byte for byte; minted where it is left out. */
  readonly id?: string;
  readonly name: string;
  /** Any one value that the serializer can hold. Default null. */
  readonly payload?: unknown;
  /** Default `default`. */
  readonly queue?: string;
  /** From -32,768 to 32,767; higher goes first. Default 0. */
  readonly priority?: number;
  /** Default: now. */
  readonly due?: Due;
  /** How it repeats; left out, it runs once. */
  readonly recurrence?: NewRecurrence | null;
  /** Default 3. */
  readonly maxRetries?: number;
  /** How long one run may take; null, the default, for no limit. */
  readonly timeoutMs?: number | null;
  readonly policies?: Partial<TaskPolicies>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly concurrencyKey?: string | null;
  readonly dedupe?: DedupeOptions;
}

/** How a new task repeats. The store's time gives fixed intervals their anchor. */
export type NewRecurrence = Omit<IntervalRecurrence, "anchorMs"> | (CronRecurrence & RecurrenceRules);

/** While a live task has this key, another is not created: the live one's id is answered. */
export interface DedupeOptions {
  readonly key: string;
  /** For so long after the creation of the live task; left out, as long as it lives. */
  readonly windowMs?: number;
  /** Whether the live task, if PENDING, takes over the new due time. Default false. */
  readonly debounce?: boolean;
}

export interface EnqueueParams {
  /** A group stands or falls together; groups are independent of each other. */
  readonly groups: readonly (readonly NewTask[])[];
  /**
   * A transaction of the application's on the same database, which the tasks become part of: they exist once it commits,
   * and not at all otherwise.
   */
  readonly via?: object;
}

/** What became of one task of a group. `existing`: a task with this id and content, or this dedupe key, is there. */
export type EnqueueAnswer =
  | { readonly status: "created" | "existing"; readonly id: string }
  | { readonly status: "error"; readonly error: Error };

export interface EnqueueResult {
  /** The store's now. */
  readonly now: number;
  /** In the order of the input. */
  readonly groups: readonly (readonly EnqueueAnswer[])[];
}

export interface QueueLimit {
  readonly name: string;
  readonly limit: number;
}

export interface DequeueParams {
  /** In order of precedence, each with its own limit. Left out: all queues, in rotation. */
  readonly queues?: readonly QueueLimit[];
  /** How many tasks at most. */
  readonly limit: number;
  readonly workerId: string;
  readonly leaseMs: number;
}

/** The right to settle a task. `token` is opaque and never reused; later tokens of a task sort after earlier ones. */
export interface Lease {
  readonly taskId: string;
  readonly token: string;
}

/** A task handed out under a lease. */
export interface ClaimedTask {
  readonly record: TaskRecord;
  readonly lease: Lease;
  /** Whether it was taken over from a holder whose lease had lapsed. */
  readonly recovered: boolean;
}

export interface DequeueResult {
  /** The store's now. */
  readonly now: number;
  readonly tasks: readonly ClaimedTask[];
}

/** How the holder of a task ends it. */
export interface Settlement {
  /** As dequeue gave it. */
  readonly task: ClaimedTask;
  readonly outcome: Outcome;
  /** Tasks that are created in the same step, if the settlement is accepted. */
  readonly enqueue?: readonly NewTask[];
}

export interface SettleParams {
  readonly settlements: readonly Settlement[];
}

/**
 * - `settled`: written; `outcome` is what was recorded (a result that cannot be stored is recorded as a failure).
 * - `repeated`: this very outcome was settled before; nothing changed.
 * - `conflict`: the lease was settled before with another outcome.
 * - `lost`: the lease no longer counts.
 * - `outdated`: the schedule kept changing meanwhile; nothing changed.
 * - `gone`: the task is no longer there.
 */
export type SettleAnswer =
  | { readonly status: "settled"; readonly outcome: Outcome }
  | { readonly status: "repeated" | "conflict" | "outdated" | "gone" }
  | { readonly status: "lost"; readonly reason: LeaseLostReason }
  | { readonly status: "error"; readonly error: Error };

export interface SettleResult {
  readonly now: number;
  readonly answers: readonly SettleAnswer[];
}

export interface Renewal {
  readonly lease: Lease;
  /** The new end is the later of the old one and now plus this. */
  readonly leaseMs: number;
  /** Anything that JSON can hold; left out, the progress stays. */
  readonly progress?: unknown;
}

export interface RenewParams {
  readonly renewals: readonly Renewal[];
}

export type RenewAnswer =
  | { readonly status: "renewed"; readonly until: number }
  | { readonly status: "lost"; readonly reason: LeaseLostReason }
  | { readonly status: "gone" }
  | { readonly status: "error"; readonly error: Error };

export interface RenewResult {
  readonly now: number;
  readonly answers: readonly RenewAnswer[];
}

export interface ExchangeParams {
  readonly settle: SettleParams;
  readonly dequeue: DequeueParams;
}

export interface ExchangeResult extends DequeueResult {
  readonly answers: readonly SettleAnswer[];
}

/** What became of the declaration of a recurring task. */
export interface ScheduleResult {
  readonly status: "created" | "updated" | "unchanged";
  readonly id: string;
}

export interface ListTasksParams {
  readonly queue?: string;
  readonly status?: TaskStatus;
  readonly name?: string;
  /** Where the page before ended. */
  readonly cursor?: string | null;
  /** Default 100, at most 1,000. */
  readonly limit?: number;
}

export interface TaskPage {
  /** In the order of enqueueing. */
  readonly tasks: readonly TaskRecord[];
  /** Where the next page begins; null after the last. */
  readonly cursor: string | null;
}

export interface TaskCount {
  readonly queue: string;
  readonly status: TaskStatus;
  readonly count: number;
}

export interface QueueInfo {
  readonly name: string;
  readonly paused: boolean;
}

export interface PurgeParams {
  /** Tasks that ended before this instant. */
  readonly before: number;
  /** At most so many; default 1,000. */
  readonly limit?: number;
  readonly status?: "SUCCESS" | "FAILED" | "CANCELLED";
}

export interface PurgeExpiredParams {
  /** At most so many; default 1,000. */
  readonly limit?: number;
}

export interface PurgeEventsParams {
  readonly before: number;
  /** At most so many; default 1,000. */
  readonly limit?: number;
}

export interface NextDueParams {
  /** Left out: all queues. */
  readonly queues?: readonly string[];
}

export interface NextDueResult {
  readonly now: number;
  /** The earliest instant at which dequeue could return something; null where nothing waits. */
  readonly at: number | null;
}

/** A whole task from another store, in any state but RUNNING. */
export type ImportedTask = Omit<TaskRecord, "workerId" | "leaseUntil">;

export interface PutResultParams {
  readonly taskId: string;
  readonly run: number;
  readonly status: "SUCCESS" | "FAILED";
  readonly value?: unknown;
  readonly error?: Error | null;
  readonly attempts?: number;
  readonly startedAt?: number | null;
  /** From now; null for ever; 0 stores nothing. Default a day. */
  readonly ttlMs?: number | null;
  /** The token that settles the run elsewhere; the result counts as unconfirmed until it is put without one. */
  readonly pendingToken?: string | null;
}

export interface ListResultsParams {
  readonly cursor?: string | null;
  /** Default 100, at most 1,000. A store whose keys are in no order may answer a few more or less. */
  readonly limit?: number;
}

export interface ResultPage {
  readonly results: readonly ResultRecord[];
  readonly cursor: string | null;
}

export interface QueryEventsParams {
  readonly taskId?: string;
  readonly type?: TaskEventType;
  readonly workerId?: string;
  /** From this instant on; a number is milliseconds since the epoch. */
  readonly from?: Date | number;
  /** Before this instant. */
  readonly to?: Date | number;
  readonly cursor?: string | null;
  /** Default 100, at most 1,000. */
  readonly limit?: number;
}

export interface EventPage {
  /** Oldest first. */
  readonly events: readonly TaskEvent[];
  readonly cursor: string | null;
}

/** A hint that something may be due. It may be late, doubled or missing; polling makes up for it. */
export type WakeHint = () => void;

/** Ends a watch. */
export interface Watch {
  close(): Promise<void>;
}

/** What a store says of itself. */
export interface StorageDescription {
  /** Such as `sqlite`. */
  readonly adapter: string;
  readonly adapterVersion: string;
  readonly contractVersion: string;
  readonly capabilities: Capabilities;
  /** The settings that durability rests on, read back from the live store. */
  readonly durability: Readonly<Record<string, string>>;
  /** Versions of what lies below: the library, the server, the schema. */
  readonly versions: Readonly<Record<string, string>>;
}
