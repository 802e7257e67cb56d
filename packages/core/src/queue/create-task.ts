import type { TaskError } from "../errors/task-error.ts";
import { scheduleOf } from "../model/record-codec.ts";
import { DEFAULT_POLICIES } from "../model/task-policies.ts";
import type { Task } from "../model/task.ts";
import { systemClock } from "../ports/clock.ts";
import { uuidV7 } from "../ports/ids.ts";
import type { NewRecurrence } from "../storage/params.ts";
import { checkOptions } from "../storage/checks.ts";
import { DEFAULT_MAX_RETRIES, DEFAULT_QUEUE, checkTask } from "../storage/prepare-task.ts";
import { ENQUEUE_OPTIONS, type EnqueueOptions, newTask } from "./enqueue-options.ts";

/** What a task made by hand is to hold; the rest is as for a task that was just enqueued. */
export interface CreateTaskOptions<Payload = unknown> extends EnqueueOptions {
  /** Default `task`. */
  readonly name?: string;
  /** Default null. */
  readonly payload?: Payload;
  readonly error?: TaskError | null;
}

/**
 * A task as {@link TaskQueue.getTask} would answer it, for tests and tools. It is in no store: `enqueue` puts one there.
 *
 * @throws ValidationError as enqueue does
 */
export function createTask<Payload = null>(
  options: CreateTaskOptions<Payload> = {},
): Task<Payload> & { readonly error: TaskError | null } {
  checkOptions(options, [...ENQUEUE_OPTIONS, "name", "payload", "error"], "createTask");
  const { name = "task", payload = null, error = null, ...own } = options;
  const task = newTask(name, payload, {}, own);
  checkTask(task);
  const { due = { inMs: 0 }, recurrence = null } = task;
  const now = systemClock.now();
  const eta = "at" in due ? due.at : now + due.inMs;
  return {
    id: task.id ?? uuidV7(),
    name,
    queue: task.queue ?? DEFAULT_QUEUE,
    priority: task.priority ?? 0,
    payload: payload as Payload,
    status: "PENDING",
    schedule: scheduleOf(new Date(eta), recurrence && anchored(recurrence, eta)),
    maxRetries: task.maxRetries ?? DEFAULT_MAX_RETRIES,
    timeoutMs: task.timeoutMs ?? null,
    ...DEFAULT_POLICIES,
    ...task.policies,
    run: 1,
    attempts: 0,
    failures: 0,
    recoveries: 0,
    error,
    progress: null,
    holds: [],
    headers: task.headers ?? {},
    concurrencyKey: null,
    dedupeKey: task.dedupe?.key ?? null,
    createdAt: new Date(now),
    updatedAt: new Date(now),
    lastAttemptAt: null,
    finishedAt: null,
    workerId: null,
    leaseUntil: null,
  };
}

function anchored(recurrence: NewRecurrence, eta: number): Parameters<typeof scheduleOf>[1] {
  return "cron" in recurrence ? recurrence : { ...recurrence, anchorMs: eta };
}
