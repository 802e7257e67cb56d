/** What can happen to a task. Each accepted change yields one of these. */
export const TaskEventType = {
  ENQUEUED: "enqueued",
  STARTED: "started",
  COMPLETED: "completed",
  FAILED: "failed",
  RETRIED: "retried",
  RELEASED: "released",
  LEASE_LOST: "lease_lost",
  RESCHEDULED: "rescheduled",
  SCHEDULED: "scheduled",
  REVIVED: "revived",
  CANCELLED: "cancelled",
  HELD: "held",
  UNHELD: "unheld",
  DELETED: "deleted",
} as const;

export type TaskEventType = (typeof TaskEventType)[keyof typeof TaskEventType];

/** Which events are kept: all, those of failures, retries, cancels and lost leases, or none. */
export type EventLevel = "all" | "errors" | "off";

const AT_LEVEL_ERRORS: ReadonlySet<TaskEventType> = new Set<TaskEventType>([
  TaskEventType.FAILED,
  TaskEventType.RETRIED,
  TaskEventType.CANCELLED,
  TaskEventType.LEASE_LOST,
]);

/** Whether a store that keeps events at `level` records this one. */
export function isRecorded(type: TaskEventType, level: EventLevel): boolean {
  return level === "all" || (level === "errors" && AT_LEVEL_ERRORS.has(type));
}

/** Something that happened to a task. */
export interface TaskEvent {
  /** Increases with each event of a task. */
  readonly sequence: number;
  readonly taskId: string;
  readonly type: TaskEventType;
  readonly timestamp: Date;
  readonly run: number;
  readonly attempt: number;
  readonly workerId: string | null;
  /** Facts of this kind of event: the error's type and category, a new due time. Never payloads. */
  readonly data: Readonly<Record<string, unknown>> | null;
}

/** An event to be written; the store adds the instant and the sequence. */
export interface EventInsert {
  readonly taskId: string;
  readonly type: TaskEventType;
  readonly run: number;
  readonly attempt: number;
  readonly workerId: string | null;
  /** JSON text. */
  readonly data: string | null;
}

/** An event of another store: what it tells of happened at that instant. */
export interface EventImport extends EventInsert {
  readonly timestamp: number;
}

/** An event as a store keeps it. */
export interface EventRecord extends EventImport {
  readonly sequence: number;
}
