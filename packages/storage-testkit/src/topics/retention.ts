import type { BaseStorage } from "@omniq/core/storage";
import type { TaskStatus } from "@omniq/core";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { STATUSES, taskIn } from "../states.ts";
import {
  claim,
  complete,
  countOf,
  enqueueMany,
  expectNoClaim,
  listAll,
  read,
  retry,
  settled,
  started,
} from "../steps.ts";
import { EVERY_MINUTE } from "./every-minute.ts";

/** The rule about removing what has ended. */
export const retentionRules: readonly Rule[] = [
  {
    id: "QUE-4",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "queues",
    statement:
      "purge leaves RUNNING and PENDING alone; retention deletes in bounded steps, of a queue and a state what ended first, " +
      "and counts exactly.",
    why: "A sweep that takes a waiting task loses work; one without bound holds up every claim.",
    checks: [
      {
        name: "finished tasks only, however old the others are",
        async run(context) {
          const { store } = context;
          for (const status of STATUSES) await taskIn(store, status, status);
          const waiting = await started(store, { id: "retried" });
          await settled(store, waiting, retry(0));
          const series = await started(store, { id: "series", queue: "series", recurrence: EVERY_MINUTE });
          await settled(store, series, complete());
          await taskIn(store, "CANCELLED", "revived");
          await store.retryTask("revived");
          await context.advance(86_400_000);
          const live = ["PENDING", "RUNNING", "retried", "series", "revived"];
          const before = await Promise.all(live.map((id) => read(store, id)));
          expectSame(await store.purge({ before: context.now }), 3, "tasks purged, three having ended");
          expectSame(
            (await listAll(store)).map(({ id }) => id).toSorted(),
            live.toSorted(),
            "the tasks left",
          );
          const after = await Promise.all(live.map((id) => read(store, id)));
          expectSame(after, before, "the tasks left, as they are");
        },
      },
      {
        name: "steps of at most so many, counted exactly, until nothing is left",
        async run(context) {
          const { store } = context;
          await finishMany(store, 25);
          await enqueueMany(store, 5);
          await context.advance(1);
          const counts: number[] = [];
          for (let step = 1; step <= 4; step++) {
            counts.push(await store.purge({ before: context.now, limit: 10 }));
            expectSame(
              await countOf(store, "SUCCESS"),
              Math.max(25 - step * 10, 0),
              `finished tasks after step ${step}`,
            );
          }
          expectSame(counts, [10, 10, 5, 0], "the counts of four steps of at most 10, 25 tasks having ended");
          expectSame(await countOf(store), 5, "tasks left");
        },
      },
      {
        name: "steps over several queues and states",
        async run(context) {
          const { store } = context;
          for (const status of ["SUCCESS", "FAILED", "CANCELLED"] as const) {
            for (let copy = 0; copy < 4; copy++) await taskIn(store, status, `${status} ${copy}`);
          }
          await context.advance(1);
          const counts: number[] = [];
          for (let step = 0; step < 4; step++)
            counts.push(await store.purge({ before: context.now, limit: 5 }));
          expectSame(counts, [5, 5, 2, 0], "the counts of steps of at most 5, 12 tasks having ended");
          await expectNoClaim(store, "all tasks have ended and were purged", { queue: "queue of FAILED 0" });
        },
      },
      {
        name: "of a queue and a state, what ended first goes first",
        async run(context) {
          const { store } = context;
          // What was enqueued first ends last, so that the order of enqueueing will not do.
          await enqueueMany(store, 4);
          const tasks = await claim(store, { limit: 4 });
          for (const task of tasks.toReversed()) {
            await settled(store, task, complete());
            await context.advance(1);
          }
          await store.purge({ before: context.now, limit: 2 });
          expectSame(
            (await listAll(store)).map(({ id }) => id),
            tasks.slice(0, 2).map(({ record }) => record.id),
            "the tasks left of four by a step of 2, the last two of them having ended first",
          );
        },
      },
      {
        name: "from before the instant given, of the state given",
        async run(context) {
          const { store } = context;
          const finished: readonly TaskStatus[] = ["SUCCESS", "FAILED", "CANCELLED"];
          for (const age of ["old", "new"]) {
            for (const status of finished) await taskIn(store, status, `${age} ${status}`);
            if (age === "old") await context.advance(1000);
          }
          const purge = (status: "SUCCESS" | "FAILED"): Promise<number> =>
            store.purge({ before: context.now, status });
          expectSame(await store.purge({ before: context.now - 1000 }), 0, "purged from before they ended");
          expectSame(await purge("FAILED"), 1, "FAILED tasks purged");
          expectSame(await store.getTask("old FAILED"), null, "the old FAILED task");
          expectSame(await purge("SUCCESS"), 1, "SUCCESS tasks purged");
          expectSame(
            (await listAll(store)).map(({ id }) => id),
            ["old CANCELLED", "new SUCCESS", "new FAILED", "new CANCELLED"],
            "the tasks left, those that ended at the very instant included",
          );
          expectSame(
            await store.purge({ before: context.now + 1 }),
            4,
            "tasks purged one unit of time later",
          );
        },
      },
    ],
  },
];

async function finishMany(store: BaseStorage, count: number): Promise<void> {
  await enqueueMany(store, count);
  const tasks = await claim(store, { limit: count });
  await store.settle({ settlements: tasks.map((task) => ({ task, outcome: complete() })) });
}
