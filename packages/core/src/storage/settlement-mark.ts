import type { StoredTask } from "../model/task-record.ts";
import type { TaskWrite } from "../model/task-write.ts";
import type { WriteAnswer } from "./hooks.ts";

/** What a row says of its last settlement: by whom, and with which outcome. */
export interface SettlementMark {
  readonly id: string;
  readonly token: string;
  readonly digest: string;
}

/** What the row will say once it is written; null for an operator's write. */
export function markOf({ id, guard }: TaskWrite): SettlementMark | null {
  return "token" in guard ? { id, token: guard.token, digest: guard.outcomeDigest } : null;
}

/** Whether a row says that this settlement was its last. */
export function bears(row: StoredTask, { token, digest }: SettlementMark): boolean {
  return row.settledToken === token && row.settledDigest === digest;
}

/** Whether a settlement that was refused had been made before, and its answer lost. */
export function isRepeated(
  write: TaskWrite,
  answer: WriteAnswer,
): answer is { readonly written: false; readonly current: StoredTask } {
  const mark = markOf(write);
  return !answer.written && mark !== null && answer.current !== null && bears(answer.current, mark);
}
