import { PayloadTooLargeError, SerializationError, ValidationError } from "../errors/validation-error.ts";
import { checkCron, nextCronSlot } from "../model/cron.ts";
import { DUE_NOW, type Due } from "../model/due.ts";
import { encodePolicies } from "../model/record-codec.ts";
import type { Recurrence } from "../model/recurrence.ts";
import { type EventLevel, isRecorded } from "../model/task-event.ts";
import { DEFAULT_POLICIES, type TaskPolicies } from "../model/task-policies.ts";
import type { DedupeInsert, TaskInsert } from "../model/task-write.ts";
import type { IdSource } from "../ports/ids.ts";
import type { Serializer } from "../ports/serializer.ts";
import { type Capabilities, DEFAULT_CAPABILITIES } from "./capabilities.ts";
import {
  checkBoolean,
  checkInstant,
  checkInteger,
  checkObject,
  checkOneOf,
  checkOptions,
  checkRecord,
  checkSpan,
  checkText,
} from "./checks.ts";
import { contentDigest } from "./content-digest.ts";
import { EncodedPayload } from "./encoded-payload.ts";
import { MAX_PRIORITY, MIN_PRIORITY } from "./limits.ts";
import type { NewRecurrence, NewTask } from "./params.ts";

export const DEFAULT_QUEUE = "default";
export const DEFAULT_MAX_RETRIES = 3;
const MAX_RETRIES = 2 ** 31 - 1;

const NEVER_DUE =
  "The cron pattern names no instant from then on. Give one that comes due, or leave out its year.";
const POLICY_KEYS = Object.keys(DEFAULT_POLICIES);

/** What {@link prepareTask} needs to know of the store. */
export interface PrepareContext {
  readonly serializer: Serializer;
  readonly ids: IdSource;
  readonly capabilities: Capabilities;
  readonly eventLevel: EventLevel;
  /** The store's now, as far as it is known here. */
  readonly now: () => number;
}

/**
 * Checks a task, serializes its payload and fills in what is left out.
 *
 * @throws ValidationError naming the field, SerializationError naming the path.
 */
export function prepareTask(task: NewTask, context: PrepareContext): TaskInsert {
  checkObject(task, "task");
  const { serializer, capabilities } = context;
  const { maxIdBytes } = capabilities;
  const { name, queue = DEFAULT_QUEUE, priority = 0, due = DUE_NOW, timeoutMs = null } = task;
  const { maxRetries = DEFAULT_MAX_RETRIES, recurrence = null, concurrencyKey = null } = task;
  const id = task.id ?? context.ids();
  checkText(id, "id", maxIdBytes);
  checkTask(task, maxIdBytes);
  const payload =
    task.payload instanceof EncodedPayload
      ? task.payload.text
      : encodeValue(serializer, task.payload, "payload", capabilities.maxPayloadBytes);
  const policies = task.policies ? encodePolicies({ ...DEFAULT_POLICIES, ...task.policies }) : null;
  // The instant of a single run is no content: whoever repeats a call may compute it anew.
  const when = "at" in due && !recurrence ? null : due;
  const content = [name, payload, queue, priority, when, maxRetries, timeoutMs, policies, recurrence];
  const { schedule, firstDue } = planFirstRun(recurrence, due, context);
  return {
    id,
    name,
    queue,
    priority,
    payload,
    format: serializer.format,
    schedule,
    scheduleVersion: 1,
    maxRetries,
    timeout: timeoutMs,
    policies,
    headers: task.headers === undefined ? null : encodeHeaders(task.headers, capabilities.maxPayloadBytes),
    concurrencyKey,
    contentDigest: contentDigest(JSON.stringify(content)),
    due: firstDue,
    dedupe: task.dedupe === undefined ? null : prepareDedupe(task.dedupe, maxIdBytes),
    clearsResults: task.id !== undefined,
    event: isRecorded("enqueued", context.eventLevel)
      ? { taskId: id, type: "enqueued", run: 1, attempt: 0, workerId: null, data: null }
      : null,
  };
}

/**
 * Checks what a task says of itself, beside its id and payload; what is left out needs no check.
 *
 * @throws ValidationError naming the field
 */
export function checkTask(task: NewTask, maxIdBytes = DEFAULT_CAPABILITIES.maxIdBytes): void {
  const { name, queue, priority, due, maxRetries, policies } = task;
  const { timeoutMs = null, recurrence = null, concurrencyKey = null } = task;
  checkText(name, "name", maxIdBytes);
  if (queue !== undefined) checkText(queue, "queue", maxIdBytes);
  if (priority !== undefined) checkInteger(priority, "priority", MIN_PRIORITY, MAX_PRIORITY);
  if (maxRetries !== undefined) checkInteger(maxRetries, "maxRetries", 0, MAX_RETRIES);
  if (timeoutMs !== null) checkSpan(timeoutMs, "timeout", 1);
  if (concurrencyKey !== null) checkText(concurrencyKey, "concurrencyKey", maxIdBytes);
  if (due !== undefined) checkDue(due);
  if (recurrence !== null) checkRecurrence(recurrence);
  if (policies !== undefined) checkPolicies(policies);
}

/** @throws SerializationError or PayloadTooLargeError. */
export function encodeValue(
  serializer: Serializer,
  value: unknown,
  what: "payload" | "result",
  maxBytes: number,
): string {
  const text: unknown = serializer.encode(value, what);
  if (typeof text === "string") return withinBytes(text, what, maxBytes);
  const message = `The serializer "${serializer.format}" made no text of the ${what}. Its encode must answer a text, and no promise.`;
  throw new SerializationError("not_serializable", message, { path: what });
}

/** The text, unless it is too long. @throws PayloadTooLargeError */
export function withinBytes(
  text: string,
  what: "payload" | "result" | "headers" | "progress",
  maxBytes: number,
): string {
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) throw new PayloadTooLargeError(what, bytes, maxBytes);
  }
  return text;
}

export function checkDue(due: Due): void {
  checkObject(due, "due");
  if ("at" in due) checkInstant(due.at, "eta");
  else checkSpan(due.inMs, "delay");
}

/**
 * A fixed grid begins at the first due time, which must then be an instant. A cron pattern has its first slot at or after
 * the instant given; where none is given, after now.
 */
function planFirstRun(
  recurrence: NewRecurrence | null,
  due: Due,
  context: PrepareContext,
): { readonly schedule: string | null; readonly firstDue: Due } {
  if (recurrence === null) return { schedule: null, firstDue: due };
  const instant = "at" in due ? due.at : Math.round(context.now()) + due.inMs;
  if ("cron" in recurrence) {
    const first = nextCronSlot(recurrence, "at" in due ? instant - 1 : instant);
    if (first === null) throw new ValidationError("invalid_cron", NEVER_DUE, { field: "cron" });
    return { schedule: JSON.stringify(recurrence satisfies Recurrence), firstDue: { at: first } };
  }
  const anchorMs = recurrence.cadence === "fixed" ? instant : null;
  return {
    schedule: JSON.stringify({ ...recurrence, anchorMs } satisfies Recurrence),
    firstDue: anchorMs === null ? due : { at: anchorMs },
  };
}

function checkRecurrence(recurrence: NewRecurrence): void {
  if ("cron" in recurrence) {
    checkOptions(recurrence, ["cron", "timeZone", "missed", "onFailure"], "recurrence");
    checkCron(recurrence);
  } else {
    checkOptions(recurrence, ["everyMs", "cadence", "missed", "onFailure"], "recurrence");
    checkSpan(recurrence.everyMs, "interval", 1);
    checkOneOf(recurrence.cadence, "cadence", ["after", "fixed"]);
  }
  checkOneOf(recurrence.missed, "missed", ["skip", "once", "all"]);
  checkOneOf(recurrence.onFailure, "onFailure", ["continue", "stop"]);
}

function checkPolicies(policies: Partial<TaskPolicies>): void {
  checkOptions(policies, POLICY_KEYS, "policies");
  const full = { ...DEFAULT_POLICIES, ...policies };
  checkOneOf(full.keep, "keep", ["all", "result", "none"]);
  if (full.resultTtlMs !== null) checkSpan(full.resultTtlMs, "resultTtl");
  checkInteger(full.maxRecoveries, "maxRecoveries", 0, 1000);
  if (full.retry !== null) {
    checkObject(full.retry, "retry");
    checkOneOf(full.retry.strategy, "retry.strategy", ["fixed", "linear", "exponential"]);
    checkSpan(full.retry.baseMs, "retry.baseMs");
    checkSpan(full.retry.maxMs, "retry.maxMs");
  }
}

function prepareDedupe(dedupe: NonNullable<NewTask["dedupe"]>, maxBytes: number): DedupeInsert {
  checkOptions(dedupe, ["key", "windowMs", "debounce"], "dedupe");
  const { key, windowMs, debounce = false } = dedupe;
  checkText(key, "dedupeKey", maxBytes);
  if (windowMs !== undefined) checkSpan(windowMs, "dedupeWindow", 1);
  checkBoolean(debounce, "dedupe.debounce");
  return { key, windowMs: windowMs ?? null, debounce };
}

function encodeHeaders(headers: Readonly<Record<string, string>>, maxBytes: number): string | null {
  checkRecord(headers, "headers");
  const entries = Object.entries(headers);
  for (const [key, value] of entries) {
    if (typeof value !== "string") {
      throw new ValidationError("invalid_headers", `headers.${key} must be a text.`, {
        field: `headers.${key}`,
      });
    }
  }
  return entries.length === 0 ? null : withinBytes(JSON.stringify(headers), "headers", maxBytes);
}
