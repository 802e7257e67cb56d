import type { MemoryDatabase } from "@omniq/storage-memory";

/** All rows, in the order of enqueueing. */
export function rowsOf(database: MemoryDatabase): ReturnType<MemoryDatabase["listTasks"]> {
  return database.listTasks({ queue: null, status: null, name: null }, 0, Number.POSITIVE_INFINITY);
}
