import { OmniQError } from "./omniq-error.ts";

/** What is known of a write that failed: surely not done, or perhaps done. */
export type StorageOutcome = "not-applied" | "unknown";

export interface StorageErrorDetails {
  /** Whether the same call may succeed later without any change. Default false. */
  readonly retryable?: boolean;
  /** Default `not-applied`. */
  readonly outcome?: StorageOutcome;
  readonly cause?: unknown;
}

/** The store refused, or could not do, what was asked. */
export class StorageError extends OmniQError {
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  /** Whether anything came of the call: nothing (`not-applied`), or nobody knows (`unknown`). */
  readonly outcome: StorageOutcome;

  constructor(code: string, message: string, details: StorageErrorDetails = {}) {
    super(code, message, details.cause === undefined ? undefined : { cause: details.cause });
    this.retryable = details.retryable ?? false;
    this.outcome = details.outcome ?? "not-applied";
  }
}

/** There is no task of that id. Code `not_found`. */
export class NotFoundError extends StorageError {
  readonly taskId: string;

  constructor(taskId: string) {
    super("not_found", `Task ${taskId} not found`);
    this.taskId = taskId;
  }
}

/** The id is taken by a task with other content. Code `duplicate_task`. */
export class DuplicateTaskError extends StorageError {
  readonly taskId: string;

  constructor(taskId: string) {
    super(
      "duplicate_task",
      `Task ${taskId} exists already with other content. Use an id of its own for this one, or leave the id out ` +
        "to have one minted.",
    );
    this.taskId = taskId;
  }
}

/** Why a lease no longer counts. `gone` says that the task was removed. */
export type LeaseLostReason = "cancelled" | "rescheduled" | "taken_over" | "conflict" | "gone";

/** The caller no longer holds the task, so its outcome was refused and changed nothing. Code `lease_lost`. */
export class LeaseLostError extends StorageError {
  readonly taskId: string;
  readonly reason: LeaseLostReason;

  constructor(taskId: string, reason: LeaseLostReason) {
    super("lease_lost", `The lease on task ${taskId} is lost (${reason}); nothing was changed`);
    this.taskId = taskId;
    this.reason = reason;
  }
}

/** The operation is not for a task in this state. Code `invalid_transition`. */
export class InvalidTransitionError extends StorageError {
  readonly taskId: string;
  readonly operation: string;
  /** The status that the task has. */
  readonly status: string;

  constructor(taskId: string, operation: string, status: string) {
    super("invalid_transition", `Cannot ${operation} task ${taskId}: it is ${status}`);
    this.taskId = taskId;
    this.operation = operation;
    this.status = status;
  }
}

/** A stored record cannot be read. The other records are not touched by it. Code `corrupt_record`. */
export class CorruptRecordError extends StorageError {
  readonly recordId: string;

  constructor(recordId: string, what: string, cause?: unknown) {
    super("corrupt_record", `Record ${recordId} is corrupt: ${what}`, { cause });
    this.recordId = recordId;
  }
}

/** The store was closed. Code `closed`. */
export class ClosedError extends StorageError {
  constructor(operation: string) {
    super("closed", `Cannot ${operation}: the store is closed. Create a new one to go on.`);
  }
}
