import type { TaskInsert } from "../model/task-write.ts";

/**
 * The task of an enqueue that stores one task alone, which brings nothing along: no dedupe key, no event, and no id under
 * which results may lie. Null for any other enqueue. It is what producers send one by one, so a store behind a wire may
 * have a way for it that costs less than the one for any number.
 */
export function plainInsert([group, ...others]: readonly (readonly TaskInsert[])[]): TaskInsert | null {
  const [task, ...rest] = group ?? [];
  if (!task || rest.length + others.length > 0) return null;
  return task.dedupe || task.clearsResults || task.event ? null : task;
}
