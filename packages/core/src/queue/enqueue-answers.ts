import type { EnqueueAnswer } from "../storage/params.ts";
import { atItem } from "./at-item.ts";
import type { TaskId } from "./task-operations.ts";

/** The id of the task that an enqueue has stored, or found. @throws why it was refused */
export function idOf(answer: EnqueueAnswer): TaskId {
  if (answer.status === "error") {
    // It was made where the tasks of several callers were looked at together, which leads to none of them.
    Error.captureStackTrace(answer.error, idOf);
    throw answer.error;
  }
  return answer.id;
}

/** The ids of a group of tasks. @throws why it was refused, naming the item */
export function idsOf(answers: readonly EnqueueAnswer[]): readonly TaskId[] {
  answers.forEach((answer, index) => {
    if (answer.status === "error" && !isGroupRefusal(answer.error)) throw atItem(answer.error, index);
  });
  return answers.map(idOf);
}

/** Whether a task was refused for another of its group. */
function isGroupRefusal(error: Error): boolean {
  return (error as Partial<{ code: string }>).code === "group_refused";
}
