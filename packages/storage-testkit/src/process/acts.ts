import type { BaseStorage } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import {
  claimOne,
  complete,
  enqueueOne,
  fail,
  read,
  readResult,
  renew,
  retry,
  settled,
  started,
} from "../steps.ts";
import { EVERY_MINUTE } from "../topics/every-minute.ts";

/**
 * Something that a store acknowledges, and how it shows afterwards that it was done. Each is about a task of its own
 * name, alone in its queue, so that acts do not touch one another.
 */
export interface Act {
  readonly name: string;
  /** Resolves once the store has acknowledged it. */
  readonly act: (store: BaseStorage) => Promise<void>;
  /** Fails where the effect is not there. */
  readonly holds: (store: BaseStorage) => Promise<void>;
  /** Fails where the act is neither undone, nor done, nor at one of the steps before it. */
  readonly isWhole: (store: BaseStorage) => Promise<void>;
}

const DAY_MS = 86_400_000;

/** The states that a task passes on its way, the last being the effect: status, run, attempts, failures. */
type Step = string;

function step(status: string, run: number, attempts: number, failures: number): Step {
  return `${status}, run ${run}, ${attempts} attempts, ${failures} failures`;
}

const ABSENT: Step = "absent";
const WAITING = step("PENDING", 1, 0, 0);
const RUNNING = step("RUNNING", 1, 1, 0);

async function stepOf(store: BaseStorage, id: string): Promise<Step> {
  const task = await store.getTask(id);
  return task ? step(task.status, task.run, task.attempts, task.failures) : ABSENT;
}

/** An act upon one task, told by the steps that its task passes. */
function taskAct(
  name: string,
  passes: readonly Step[],
  act: (store: BaseStorage, id: string) => Promise<unknown>,
  shows: (store: BaseStorage, id: string) => Promise<unknown> = async () => {},
): Act {
  return {
    name,
    async act(store) {
      await act(store, name);
    },
    async holds(store) {
      expectSame(await stepOf(store, name), passes.at(-1), `the task after the acknowledged ${name}`);
      await shows(store, name);
    },
    async isWhole(store) {
      const found = await stepOf(store, name);
      if (!passes.includes(found))
        expectSame(found, passes, `the task in the middle of ${name}, expected one of`);
      // Whatever the last step shows beside the task was written with it, or not at all.
      if (found === passes.at(-1) && new Set(passes).size === passes.length) await shows(store, name);
    },
  };
}

const startedAlone = (store: BaseStorage, id: string) => started(store, { id, queue: id });

/** Every kind of change that a store acknowledges. */
export const ACTS: readonly Act[] = [
  taskAct(
    "enqueue",
    [ABSENT, WAITING],
    (store, id) => enqueueOne(store, { id, queue: id, payload: { kept: id } }),
    async (store, id) => expectSame((await read(store, id)).payload, { kept: id }, "its payload"),
  ),
  taskAct("claim", [ABSENT, WAITING, RUNNING], startedAlone),
  taskAct(
    "complete",
    [ABSENT, WAITING, RUNNING, step("SUCCESS", 1, 1, 0)],
    async (store, id) => settled(store, await startedAlone(store, id), complete("done")),
    async (store, id) => expectSame((await readResult(store, id)).value, "done", "its result"),
  ),
  taskAct(
    "fail",
    [ABSENT, WAITING, RUNNING, step("FAILED", 1, 1, 1)],
    async (store, id) => settled(store, await startedAlone(store, id), fail("it broke")),
    async (store, id) => {
      expectSame((await read(store, id)).error?.message, "it broke", "its error");
      expectSame((await readResult(store, id)).error?.message, "it broke", "the error of its result");
    },
  ),
  taskAct(
    "retry",
    [ABSENT, WAITING, RUNNING, step("PENDING", 1, 1, 1)],
    async (store, id) => settled(store, await startedAlone(store, id), retry(DAY_MS)),
    async (store, id) => {
      const { schedule, updatedAt, error } = await read(store, id);
      expectSame(schedule.eta.getTime() - updatedAt.getTime(), DAY_MS, "the wait until its retry");
      expectSame(error?.message, "it broke", "its error");
    },
  ),
  taskAct(
    "next run",
    [ABSENT, WAITING, RUNNING, step("PENDING", 2, 0, 0)],
    async (store, id) => {
      const recurrence = { ...EVERY_MINUTE, everyMs: DAY_MS };
      await settled(store, await started(store, { id, queue: id, recurrence }), complete("first"));
    },
    async (store, id) =>
      expectSame((await readResult(store, id, 1)).value, "first", "the result of its first run"),
  ),
  {
    ...taskAct("renew", [ABSENT, WAITING, RUNNING], async (store, id) =>
      renew(store, await startedAlone(store, id), DAY_MS),
    ),
    async holds(store) {
      const { leaseUntil, lastAttemptAt } = await read(store, "renew");
      expectSame(
        (leaseUntil?.getTime() ?? 0) - (lastAttemptAt?.getTime() ?? 0),
        DAY_MS,
        "the lease renewed, from its claim",
      );
    },
  },
  taskAct("cancel", [ABSENT, WAITING, step("CANCELLED", 1, 0, 0)], async (store, id) =>
    store.cancel(await enqueueOne(store, { id, queue: id })),
  ),
  {
    ...taskAct("reschedule", [ABSENT, WAITING], async (store, id) => {
      await enqueueOne(store, { id, queue: id });
      await store.reschedule(id, new Date(DAY_MS));
    }),
    async holds(store) {
      expectSame(
        (await read(store, "reschedule")).schedule.eta,
        new Date(DAY_MS),
        "the due time rescheduled",
      );
    },
  },
  taskAct("deleteTask", [ABSENT, WAITING, ABSENT], async (store, id) =>
    store.deleteTask(await enqueueOne(store, { id, queue: id })),
  ),
  {
    name: "pauseQueue",
    act: (store) => store.pauseQueue("paused"),
    async holds(store) {
      const queues = await store.listQueues();
      expectSame(queues.find(({ name }) => name === "paused")?.paused, true, "whether the queue is paused");
    },
    isWhole: async () => {},
  },
];

/** That nothing is held or half there: all that is stored can be read, listed and claimed. */
export async function expectUsable(store: BaseStorage): Promise<void> {
  const { tasks } = await store.listTasks({ limit: 1000 });
  const counts = await store.countTasks();
  expectSame(
    counts.reduce((sum, { count }) => sum + count, 0),
    tasks.length,
    "tasks counted, as against listed",
  );
  await store.queryEvents({ limit: 1000 });
  const id = await enqueueOne(store, { queue: "afterwards" });
  const task = await claimOne(store, { queue: "afterwards" });
  expectSame(task.record.id, id, "the task claimed afterwards");
  await settled(store, task, complete("afterwards"));
}
