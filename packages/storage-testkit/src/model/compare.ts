import type { BaseStorage } from "@omniq/core/storage";
import type { TaskResult } from "@omniq/core";
import { expectSame, expectThat } from "../expect.ts";
import type { ReferenceModel } from "./reference-model.ts";

/** A store and the model that it is compared with. */
interface Sides {
  readonly store: BaseStorage;
  readonly model: ReferenceModel;
  readonly now: number;
}

/** The task of this id, and its latest result. */
export async function compareState({ store, model, now }: Sides, id: string, after: string): Promise<void> {
  const task = await store.getTask(id);
  const wantedTask = model.tasks.get(id);
  const found = task && {
    status: task.status,
    counters: [task.run, task.attempts, task.failures, task.recoveries],
    eta: task.schedule.eta.getTime() - now,
    failed: task.error !== null,
    holds: task.holds,
    finishedAt: task.finishedAt && task.finishedAt.getTime() - now,
    leaseUntil: task.leaseUntil && task.leaseUntil.getTime() - now,
    interval: task.schedule.interval?.totalMilliseconds ?? null,
  };
  const wanted = wantedTask && {
    status: wantedTask.status,
    counters: [wantedTask.run, wantedTask.attempts, wantedTask.failures, wantedTask.recoveries],
    eta: wantedTask.eta - now,
    failed: wantedTask.failed,
    holds: [...wantedTask.holds],
    finishedAt: wantedTask.finishedAt && wantedTask.finishedAt - now,
    leaseUntil: wantedTask.leaseUntil && wantedTask.leaseUntil - now,
    interval: wantedTask.everyMs,
  };
  expectSame(found, wanted ?? null, `task ${id} after ${after} (times from now)`);
  const latest = keyOf(await store.getResult(id));
  const runs = [...(model.results.get(id) ?? [])].toSorted(([a], [b]) => a - b);
  expectSame(latest, runs.at(-1)?.[1] ?? null, `the latest result of ${id} after ${after}`);
}

/** The events of the task of this id, in their order. */
export async function compareEvents({ store, model }: Sides, taskId: string, after: string): Promise<void> {
  const { events } = await store.queryEvents({ taskId, limit: 1000 });
  const types = events.map(({ type }) => type);
  expectSame(types, model.events.get(taskId) ?? [], `the events of ${taskId} after ${after}`);
  const rising = events.every(({ sequence }, index) => sequence > (events[index - 1]?.sequence ?? 0));
  expectThat(rising, `the sequence of the events of ${taskId} does not rise after ${after}`);
}

/** A result in the model's words. */
export function keyOf(result: TaskResult | null): string | null {
  if (!result) return null;
  if (result.status === "SUCCESS") return `complete ${String(result.value)}`;
  return result.error?.errorType === "lease_expired" ? "lease_expired" : `fail ${result.error?.message}`;
}
