import type { TaskStatus } from "./task-status.ts";

/**
 * A task as a store keeps it: one flat row of numbers and text. Instants are whole milliseconds since the
 * epoch, UTC; lengths of time are milliseconds. Fields that hold JSON text are opaque to the store.
 */
export interface TaskRecord extends TaskDefinition, TaskState {
  readonly id: string;
  /** When the task may next be claimed. */
  readonly eta: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it was last claimed. */
  readonly lastAttemptAt: number | null;
  /** When it reached SUCCESS, FAILED or CANCELLED; null while it is live. */
  readonly finishedAt: number | null;
  /** Who holds it, and until when; null unless RUNNING. */
  readonly workerId: string | null;
  readonly leaseUntil: number | null;
  /** JSON text that the running handler last reported. */
  readonly progress: string | null;
  readonly dedupeKey: string | null;
}

/** What the caller gave. It changes only when a recurring task is declared anew. */
export interface TaskDefinition {
  readonly name: string;
  readonly queue: string;
  /** From -32,768 to 32,767; higher goes first. */
  readonly priority: number;
  /** The payload as the serializer wrote it. */
  readonly payload: string;
  /** Which serializer wrote it. */
  readonly format: string;
  /** JSON text of a `Recurrence`; null for a task that runs once. */
  readonly schedule: string | null;
  /** Raised whenever a recurring task is declared with other content. */
  readonly scheduleVersion: number;
  readonly maxRetries: number;
  /** How long one run may take, in milliseconds; null for no limit. */
  readonly timeout: number | null;
  /** JSON text of {@link TaskPolicies}; null where all are the defaults. */
  readonly policies: string | null;
  /** JSON text of an object of strings, such as a correlation id; null where there are none. */
  readonly headers: string | null;
  readonly concurrencyKey: string | null;
  /** Digest of the content that the caller gave. */
  readonly contentDigest: string;
}

/** What moves while a task runs, fails and runs again. */
export interface TaskState {
  readonly status: TaskStatus;
  /** Which run of the task this is, from 1. A recurring task gets a new one each time. */
  readonly run: number;
  /** Claims of this run. */
  readonly attempts: number;
  /** Recorded failures of this run. They decide about retries. */
  readonly failures: number;
  /** Leases of this run that lapsed. They have a cap of their own. */
  readonly recoveries: number;
  /** JSON text of the last error; null where there is none. */
  readonly error: string | null;
  /** JSON text of the reasons why it must not be claimed; null where there is none. */
  readonly holds: string | null;
}

/** A record with what guards it: seen by adapters and the base class only. */
export interface StoredTask extends TaskRecord {
  /** Raised by one with every write to the row. */
  readonly revision: number;
  /** The token of the present lease; null unless RUNNING. */
  readonly token: string | null;
  /** The token that last settled, and the digest of its outcome. */
  readonly settledToken: string | null;
  readonly settledDigest: string | null;
}
