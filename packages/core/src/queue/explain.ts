import { NotFoundError } from "../errors/storage-error.ts";
import { PAUSED } from "../model/holds.ts";
import type { Task } from "../model/task.ts";
import type { BaseStorage } from "../storage/base-storage.ts";

/** Why a task stands where it stands. */
export type ReasonCode =
  | "ended"
  | "running"
  | "lease_lapsed"
  | "held"
  | "queue_paused"
  | "due_later"
  | "not_registered"
  | "waiting_for_worker";

/** One reason why a task stands where it stands. */
export interface Reason {
  readonly code: ReasonCode;
  /** A sentence for people. */
  readonly text: string;
}

/** Why a task does not run, or what became of it. */
export interface Explanation {
  readonly taskId: string;
  readonly status: Task["status"];
  /** All that stands in the way, and of a task that nothing stands in the way of, what it waits for. Never empty. */
  readonly reasons: readonly Reason[];
}

/**
 * Looks at a task, its queue and the store's time.
 *
 * @param isRegistered whether the application that asks knows a task of this name; workers elsewhere may know others.
 * @throws NotFoundError
 */
export async function explainTask(
  storage: BaseStorage,
  taskId: string,
  isRegistered: (name: string) => boolean,
): Promise<Explanation> {
  const task = await storage.getTask(taskId);
  if (!task) throw new NotFoundError(taskId);
  const { now } = await storage.nextDue({ queues: [task.queue] });
  const queue = (await storage.listQueues()).find(({ name }) => name === task.queue);
  const reasons = reasonsOf(task, now, queue?.paused ?? false, isRegistered(task.name));
  return { taskId, status: task.status, reasons };
}

/** A reason why a task is held, and what takes it away. */
function wayOut(reason: string): string {
  const call = reason === PAUSED ? "schedules.resume" : "storage.unhold";
  return `${reason}. Take that away with ${call}.`;
}

function reasonsOf(task: Task, now: number, isPaused: boolean, isRegistered: boolean): Reason[] {
  const reasons: Reason[] = [];
  const add = (code: ReasonCode, text: string): void => void reasons.push({ code, text });
  const { status, workerId, leaseUntil, schedule, holds, finishedAt } = task;
  if (finishedAt !== null) {
    const because = task.error ? `: ${task.error.message}` : "";
    add("ended", `It ended as ${status} at ${finishedAt.toISOString()}${because}.`);
    return reasons;
  }
  if (status === "RUNNING" && leaseUntil !== null && leaseUntil.getTime() > now) {
    add("running", `${workerId} holds it until ${leaseUntil.toISOString()}, and may hold it for longer.`);
    return reasons;
  }
  if (status === "RUNNING") {
    add("lease_lapsed", `The lease of ${workerId} has lapsed: the next worker that looks takes it over.`);
  }
  if (holds.length > 0) add("held", `It is held: ${holds.map(wayOut).join(" ")}`);
  if (isPaused) add("queue_paused", `Its queue ${task.queue} is paused. Go on with resumeQueue.`);
  if (status === "PENDING" && schedule.eta.getTime() > now) {
    const again =
      task.failures > 0 ? `, for try ${task.failures + 1}, since it failed: ${task.error?.message}` : "";
    add("due_later", `It is due at ${schedule.eta.toISOString()}${again}.`);
  }
  if (!isRegistered) {
    add("not_registered", `No task named ${task.name} is registered here. A worker must know it to run it.`);
  }
  if (reasons.length === 0) {
    add("waiting_for_worker", `It is due, and waits for a worker that serves its queue ${task.queue}.`);
  }
  return reasons;
}
