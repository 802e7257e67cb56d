import type { BaseStorage, ClaimedTask, NewTask } from "@omniq/core/storage";
import type { TaskStatus } from "@omniq/core";
import { claimOne, complete, enqueueOne, fail, settled } from "./steps.ts";

export const STATUSES: readonly TaskStatus[] = ["PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELLED"];

/** A task that a check brought into a state. */
export interface TaskInState {
  readonly id: string;
  /** The queue that it is alone in. */
  readonly queue: string;
  /** The lease that it was last held under; null where it was never claimed. */
  readonly claimed: ClaimedTask | null;
}

/** Brings a new task of this id, alone in its queue, into a state by the shortest way. */
export async function taskIn(
  store: BaseStorage,
  status: TaskStatus,
  id: string,
  task: Partial<NewTask> = {},
): Promise<TaskInState> {
  const queue = `queue of ${id}`;
  await enqueueOne(store, { ...task, id, queue });
  if (status === "PENDING") return { id, queue, claimed: null };
  if (status === "CANCELLED") {
    await store.cancel(id);
    return { id, queue, claimed: null };
  }
  const claimed = await claimOne(store, { queue });
  if (status === "SUCCESS") await settled(store, claimed, complete("done"));
  if (status === "FAILED") await settled(store, claimed, fail("broke"));
  return { id, queue, claimed };
}
