import { CorruptRecordError } from "../errors/storage-error.ts";
import { type SerializedTaskError, TaskError, type TaskErrorDetails } from "../errors/task-error.ts";
import { SerializationError } from "../errors/validation-error.ts";
import type { Serializer } from "../ports/serializer.ts";
import { checkCron } from "./cron.ts";
import { Interval } from "./interval.ts";
import type { Recurrence } from "./recurrence.ts";
import type { Task, TaskSchedule } from "./task.ts";
import type { EventRecord, TaskEvent } from "./task-event.ts";
import { DEFAULT_POLICIES, type TaskPolicies } from "./task-policies.ts";
import type { TaskRecord } from "./task-record.ts";
import type { ResultRecord, TaskResult } from "./task-result.ts";

/** An error as the `error` column holds it: the six keys of its wire form, and the details beside them. */
interface StoredError extends SerializedTaskError {
  readonly details?: TaskErrorDetails;
}

/** Details that JSON cannot hold are left out rather than lose the failure itself. */
export function encodeError(error: TaskError): string {
  const core = error.toJSON();
  if (Object.keys(error.details).length === 0) return JSON.stringify(core);
  try {
    return JSON.stringify({ ...core, details: error.details });
  } catch {
    return JSON.stringify(core);
  }
}

function decodeError(recordId: string, text: string | null): TaskError | null {
  if (text === null) return null;
  return guarded(recordId, "error", () => {
    const { details, ...core } = JSON.parse(text) as StoredError;
    return TaskError.from(core, details);
  });
}

/** The text to store for these policies: null where all are the defaults. */
export function encodePolicies(policies: TaskPolicies): string | null {
  const kept = Object.entries(policies).filter(
    ([key, value]) => value !== DEFAULT_POLICIES[key as keyof TaskPolicies],
  );
  return kept.length === 0 ? null : JSON.stringify(Object.fromEntries(kept));
}

export function decodePolicies(task: Pick<TaskRecord, "id" | "policies">): TaskPolicies {
  const { policies } = task;
  if (policies === null) return DEFAULT_POLICIES;
  return {
    ...DEFAULT_POLICIES,
    ...guarded(task.id, "policies", () => JSON.parse(policies) as Partial<TaskPolicies>),
  };
}

export function decodeRecurrence(task: Pick<TaskRecord, "id" | "schedule">): Recurrence | null {
  const { schedule } = task;
  if (schedule === null) return null;
  return guarded(task.id, "schedule", () => {
    const recurrence = JSON.parse(schedule) as Recurrence;
    if ("cron" in recurrence) {
      checkCron(recurrence);
      return recurrence;
    }
    if (!(recurrence.everyMs > 0)) throw new TypeError("everyMs is missing");
    if (recurrence.anchorMs !== null && !Number.isFinite(recurrence.anchorMs))
      throw new TypeError("anchorMs is missing");
    return recurrence;
  });
}

/** The payload of a stored task. */
export function decodePayload(
  task: Pick<TaskRecord, "id" | "payload" | "format">,
  serializer: Serializer,
): unknown {
  return decodeValue(task.id, "payload", task.payload, task.format, serializer);
}

/** A stored task as people read it. */
export function decodeTask(task: TaskRecord, serializer: Serializer): Task {
  return {
    id: task.id,
    name: task.name,
    queue: task.queue,
    priority: task.priority,
    payload: decodePayload(task, serializer),
    status: task.status,
    schedule: scheduleOf(new Date(task.eta), decodeRecurrence(task)),
    maxRetries: task.maxRetries,
    timeoutMs: task.timeout,
    ...decodePolicies(task),
    run: task.run,
    attempts: task.attempts,
    failures: task.failures,
    recoveries: task.recoveries,
    error: decodeError(task.id, task.error),
    progress: decodeJson(task.id, "progress", task.progress, null),
    holds: decodeHolds(task),
    headers: decodeJson(task.id, "headers", task.headers, {}) as Record<string, string>,
    concurrencyKey: task.concurrencyKey,
    dedupeKey: task.dedupeKey,
    createdAt: new Date(task.createdAt),
    updatedAt: new Date(task.updatedAt),
    lastAttemptAt: dateOrNull(task.lastAttemptAt),
    finishedAt: dateOrNull(task.finishedAt),
    workerId: task.workerId,
    leaseUntil: dateOrNull(task.leaseUntil),
  };
}

/** When a task runs, and whether it runs again, as people read it. */
export function scheduleOf(eta: Date, recurrence: Recurrence | null): TaskSchedule {
  const interval = recurrence && "everyMs" in recurrence ? recurrence : null;
  const cron = recurrence && "cron" in recurrence ? recurrence : null;
  return {
    eta,
    interval: interval && new Interval(interval.everyMs),
    cadence: cron ? "fixed" : (interval?.cadence ?? "after"),
    cron: cron?.cron ?? null,
    timeZone: cron?.timeZone ?? null,
    missed: recurrence?.missed ?? "skip",
    onFailure: recurrence?.onFailure ?? "continue",
    paused: recurrence?.paused ?? false,
  };
}

export function decodeHolds(task: Pick<TaskRecord, "id" | "holds">): readonly string[] {
  return decodeJson(task.id, "holds", task.holds, []) as string[];
}

export function encodeHolds(holds: readonly string[]): string | null {
  return holds.length === 0 ? null : JSON.stringify(holds);
}

/** A stored result as people read it. */
export function decodeResult(result: ResultRecord, serializer: Serializer): TaskResult {
  const { taskId, run, status, attempts } = result;
  return {
    taskId,
    run,
    status,
    value:
      result.value === null ? null : decodeValue(taskId, "result", result.value, result.format, serializer),
    error: decodeError(taskId, result.error),
    attempts,
    startedAt: dateOrNull(result.startedAt),
    finishedAt: new Date(result.finishedAt),
    expiresAt: dateOrNull(result.expiresAt),
  };
}

/** A stored event as people read it. */
export function decodeEvent(event: EventRecord): TaskEvent {
  return {
    ...event,
    timestamp: new Date(event.timestamp),
    data: decodeJson(event.taskId, "event data", event.data, null) as TaskEvent["data"],
  };
}

function decodeValue(
  id: string,
  what: string,
  text: string,
  format: string,
  serializer: Serializer,
): unknown {
  if (format !== serializer.format) {
    throw new SerializationError(
      "not_deserializable",
      `The ${what} of task ${id} was written as "${format}", and this store reads "${serializer.format}". ` +
        "Open the store with the serializer that wrote it.",
      { path: what },
    );
  }
  return guarded(id, what, () => serializer.decode(text));
}

function decodeJson(id: string, what: string, text: string | null, absent: unknown): unknown {
  return text === null ? absent : guarded(id, what, () => JSON.parse(text) as unknown);
}

function guarded<T>(id: string, what: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new CorruptRecordError(id, `its ${what} cannot be read`, cause);
  }
}

function dateOrNull(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
