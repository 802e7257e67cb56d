import type { BaseStorage, EventPage } from "@omniq/core/storage";
import type { Task, TaskResult } from "@omniq/core";
import { expectSame } from "./expect.ts";

/** All that a reader can learn of one task. */
export interface Snapshot {
  readonly task: Task | null;
  readonly results: readonly TaskResult[];
  readonly events: EventPage["events"];
}

const MAX_RUNS = 5;

/** Reads all that there is about a task, results of its first runs included. */
export async function snapshot(store: BaseStorage, id: string): Promise<Snapshot> {
  const results: TaskResult[] = [];
  for (let run = 1; run <= MAX_RUNS; run++) {
    const result = await store.getResult(id, { run });
    if (result) results.push(result);
  }
  const { events } = await store.queryEvents({ taskId: id, limit: 1000 });
  return { task: await store.getTask(id), results, events };
}

/** Runs a call that must not change a task, and proves that it did not: task, results and events are as before. */
export async function unchanged<T>(
  store: BaseStorage,
  id: string,
  call: string,
  work: () => Promise<T>,
): Promise<T> {
  const before = await snapshot(store, id);
  const answer = await work();
  const after = await snapshot(store, id);
  expectSame({ ...after.task }, { ...before.task }, `the task after ${call}, which must change nothing`);
  expectSame(after.results, before.results, `the results after ${call}, which must change nothing`);
  expectSame(
    after.events.length,
    before.events.length,
    `the number of events after ${call}, which must add none`,
  );
  return answer;
}
