import type { Due } from "./due.ts";
import { InvalidTransitionError } from "../errors/storage-error.ts";
import { PAUSED, withHold, withoutHold } from "./holds.ts";
import { decodeHolds, decodeRecurrence } from "./record-codec.ts";
import type { Recurrence } from "./recurrence.ts";
import { event, newRunOf, stateOf } from "./settlement.ts";
import type { EventInsert, TaskEventType } from "./task-event.ts";
import type { StoredTask, TaskDefinition, TaskState } from "./task-record.ts";
import type { TaskInsert, TaskWrite } from "./task-write.ts";
import { type Operation, type Transition, transition } from "./transitions.ts";

/** What an operator's call writes; null where the task stays as it is. */
export type OperatorPlan = (task: StoredTask) => TaskWrite | null;

/** Due at `etaMs`. A holder's lease is void; a task that had succeeded or was cancelled starts a new run. */
export function planReschedule(etaMs: number): OperatorPlan {
  return (task) => move(task, "reschedule", "rescheduled", { at: etaMs }, { eta: etaMs });
}

/** Not to be run any more. */
export const planCancel: OperatorPlan = (task) => move(task, "cancel", "cancelled", null, null);

/** A new run of a task that failed or was cancelled, due now. */
export const planRetry: OperatorPlan = (task) => move(task, "retry", "revived", { inMs: 0 }, null);

/** Out of the store. A running one only by force. */
export function planDelete(force: boolean): OperatorPlan {
  return (task) => {
    transition("delete", task.id, task.status, force);
    return write(task, { state: null, dropResults: "all", event: event(task, "deleted", null) });
  };
}

/** One reason more, or less, why a waiting task must not be claimed. */
export function planHold(operation: "hold" | "unhold", reason: string): OperatorPlan {
  return (task) => {
    transition(operation, task.id, task.status);
    if (decodeHolds(task).includes(reason) === (operation === "hold")) return null;
    const change = operation === "hold" ? withHold : withoutHold;
    return write(task, {
      state: { ...stateOf(task), holds: change(task, reason) },
      event: event(task, operation === "hold" ? "held" : "unheld", { reason }),
    });
  };
}

/**
 * The declaration of a recurring task, changed. Its schedule version rises, so that a run in progress learns it. What is
 * paused stays so.
 */
export function planSchedule(declared: TaskInsert): OperatorPlan {
  return (task) => {
    if (task.contentDigest === declared.contentDigest) return null;
    // A run in progress keeps its own due time: the new one is for those that follow.
    const due = task.status === "RUNNING" ? null : declared.due;
    const plan = move(task, "schedule", "scheduled", due, null);
    const {
      id: _id,
      due: _due,
      dedupe: _dedupe,
      clearsResults: _clears,
      event: _event,
      ...definition
    } = declared;
    const changed = plan && {
      ...plan,
      definition: { ...definition, scheduleVersion: task.scheduleVersion + 1 },
    };
    return changed && isPaused(task) ? stillPaused(task, changed) : changed;
  };
}

/** A schedule that cannot be read says nothing, and is replaced by the new one. */
function isPaused(task: StoredTask): boolean {
  try {
    return decodeRecurrence(task)?.paused === true;
  } catch {
    return false;
  }
}

function stillPaused(task: StoredTask, plan: ScheduleWrite): TaskWrite {
  const { state, definition } = plan;
  return {
    ...plan,
    state: state?.status === "PENDING" ? { ...state, holds: withHold(task, PAUSED) } : state,
    definition: { ...definition, schedule: withPause(definition.schedule, true) },
  };
}

/** The text of a recurrence that is paused, or not. */
function withPause(schedule: string | null, paused: boolean): string {
  const { paused: _paused, ...rest } = JSON.parse(schedule as string) as Recurrence;
  return JSON.stringify(paused ? { ...rest, paused } : rest);
}

/**
 * The runs to come of a recurring task wait from now on, or no longer. A run in progress goes on; the raised version
 * of the schedule makes its end see the change.
 */
export function planPause(paused: boolean): OperatorPlan {
  return (task) => {
    const operation = paused ? "pause the schedule of" : "resume the schedule of";
    const recurrence = decodeRecurrence(task);
    if (!recurrence || (task.status !== "PENDING" && task.status !== "RUNNING")) {
      throw new InvalidTransitionError(task.id, operation, recurrence ? task.status : "not recurring");
    }
    const isWaiting = task.status === "PENDING";
    const isHeld = isWaiting ? decodeHolds(task).includes(PAUSED) : paused;
    if ((recurrence.paused ?? false) === paused && isHeld === paused) return null;
    const change = paused ? withHold : withoutHold;
    return write(task, {
      state: isWaiting ? { ...stateOf(task), holds: change(task, PAUSED) } : stateOf(task),
      keepsLease: true,
      definition: {
        ...definitionOf(task),
        schedule: withPause(task.schedule, paused),
        scheduleVersion: task.scheduleVersion + 1,
      },
      event: event(task, paused ? "held" : "unheld", { reason: PAUSED }),
    });
  };
}

/** A write that changes the declaration. */
type ScheduleWrite = TaskWrite & { readonly definition: TaskDefinition };

/** The part of a record that the caller gave. */
function definitionOf(task: StoredTask): TaskDefinition {
  return {
    name: task.name,
    queue: task.queue,
    priority: task.priority,
    payload: task.payload,
    format: task.format,
    schedule: task.schedule,
    scheduleVersion: task.scheduleVersion,
    maxRetries: task.maxRetries,
    timeout: task.timeout,
    policies: task.policies,
    headers: task.headers,
    concurrencyKey: task.concurrencyKey,
    contentDigest: task.contentDigest,
  };
}

/** The write that the state table asks for. */
function move(
  task: StoredTask,
  operation: Operation,
  type: TaskEventType,
  due: Due | null,
  data: Readonly<Record<string, unknown>> | null,
): TaskWrite | null {
  const { to, newRun, keepsLease } = transition(operation, task.id, task.status);
  if (to === "unchanged") return null;
  const state = nextState(task, to, newRun === true);
  return write(task, {
    state,
    due,
    keepsLease: keepsLease === true,
    // A failed run that is revived under its own number is live again: its stored result no longer holds.
    dropResults: task.status === "FAILED" && state?.run === task.run ? task.run : null,
    event: event(task, type, data),
  });
}

function nextState(
  task: StoredTask,
  to: Exclude<Transition["to"], "unchanged">,
  newRun: boolean,
): TaskState | null {
  if (to === "gone") return null;
  return newRun ? newRunOf(task) : { ...stateOf(task), status: to };
}

interface OperatorWrite extends Partial<Omit<TaskWrite, "state">> {
  readonly state: TaskState | null;
  readonly event: EventInsert;
}

function write(task: StoredTask, { event: happened, ...changes }: OperatorWrite): TaskWrite {
  return {
    id: task.id,
    guard: { revision: task.revision },
    due: null,
    keepsLease: false,
    definition: null,
    result: null,
    dropResults: null,
    events: [happened],
    enqueue: [],
    ...changes,
  };
}
