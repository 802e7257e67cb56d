import type { TaskInsert } from "../model/task-write.ts";

/**
 * Whether storing a task is storing its row, and no more: no dedupe key to look for, no event, and no id under which results
 * may lie. Most tasks are so, and a store may have a way for them that costs less than the one for any task.
 */
export function isPlainInsert(task: TaskInsert): boolean {
  return !task.dedupe && !task.clearsResults && !task.event;
}

/**
 * The task of an enqueue that stores one plain task alone; null for any other enqueue. It is what producers send one by one,
 * so a store behind a wire may have a way for it that costs less than the one for any number.
 */
export function plainInsert([group, ...others]: readonly (readonly TaskInsert[])[]): TaskInsert | null {
  const [task, ...rest] = group ?? [];
  if (!task || rest.length + others.length > 0) return null;
  return isPlainInsert(task) ? task : null;
}
