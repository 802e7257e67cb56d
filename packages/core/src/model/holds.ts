import { decodeHolds, encodeHolds } from "./record-codec.ts";
import type { TaskRecord } from "./task-record.ts";

/** Why the next run of a paused schedule waits. */
export const PAUSED = "schedule paused";

/** The task's reasons not to be claimed, and one more. */
export function withHold(task: TaskRecord, reason: string): string | null {
  const holds = decodeHolds(task);
  return holds.includes(reason) ? task.holds : encodeHolds([...holds, reason].toSorted());
}

/** The task's reasons not to be claimed, without one. */
export function withoutHold(task: TaskRecord, reason: string): string | null {
  return encodeHolds(decodeHolds(task).filter((held) => held !== reason));
}
