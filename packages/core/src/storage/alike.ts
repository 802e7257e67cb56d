import type { TaskDefinition, TaskState } from "../model/task-record.ts";
import type { ResultInsert, TaskInsert, TaskWrite, WriteGuard } from "../model/task-write.ts";
import { isPlainInsert } from "./plain-insert.ts";

// Most of what comes in one call is alike but for a few fields. So what the rest of them say is sent once.

/** Whether these tasks are plain, and differ in their ids, payloads and digests alone. */
export function areAlikeInserts(tasks: readonly TaskInsert[]): boolean {
  const [first] = tasks;
  return tasks.every(
    (task) =>
      first &&
      isPlainInsert(task) &&
      isSame<DueFields>(DUE, task.due, first.due) &&
      isSame(CONTENT, task, first),
  );
}

/** A write that ends a lease, and stores no more than the state that follows and a result. */
export type PlainEnd = TaskWrite & { readonly guard: Extract<WriteGuard, { token: string }> };

/**
 * Whether these are such writes, at least one and each of another task, and differ in their ids, tokens, outcomes'
 * digests, and values and starts of results alone.
 */
export function areAlikeEnds(writes: readonly TaskWrite[]): writes is readonly PlainEnd[] {
  const [first] = writes;
  if (!first || new Set(writes.map(({ id }) => id)).size < writes.length) return false;
  return writes.every(
    (write) =>
      isPlainEnd(write) &&
      isPlainEnd(first) &&
      write.guard.scheduleVersion === first.guard.scheduleVersion &&
      isSame(STATE, write.state, first.state) &&
      isSame(RESULT, write.result, first.result),
  );
}

function isPlainEnd(write: TaskWrite): write is PlainEnd {
  const { guard, due, keepsLease, definition, dropResults, events, enqueue } = write;
  if (due || keepsLease || definition || dropResults !== null) return false;
  return "token" in guard && events.length === 0 && enqueue.length === 0;
}

interface DueFields {
  readonly at: number;
  readonly inMs: number;
}

const DUE = keysOf<DueFields>({ at: true, inMs: true });

const CONTENT = keysOf<Omit<TaskDefinition, "payload" | "contentDigest">>({
  name: true,
  queue: true,
  priority: true,
  format: true,
  schedule: true,
  scheduleVersion: true,
  maxRetries: true,
  timeout: true,
  policies: true,
  headers: true,
  concurrencyKey: true,
});

const STATE = keysOf<TaskState>({
  status: true,
  run: true,
  attempts: true,
  failures: true,
  recoveries: true,
  error: true,
  holds: true,
});

const RESULT = keysOf<Omit<ResultInsert, "value" | "startedAt">>({
  run: true,
  status: true,
  format: true,
  error: true,
  attempts: true,
  ttlMs: true,
});

/** The names of a type's fields, all of them: one that is left out does not compile. */
function keysOf<T>(fields: Record<keyof T, true>): readonly (keyof T)[] {
  return Object.keys(fields) as (keyof T)[];
}

/** Whether both say the same in these fields, or neither is there. */
function isSame<T>(keys: readonly (keyof T)[], one: Partial<T> | null, other: Partial<T> | null): boolean {
  if (!one || !other || one === other) return one === other;
  return keys.every((key) => one[key] === other[key]);
}
