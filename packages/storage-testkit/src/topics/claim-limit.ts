import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { LEASE_MS, claim, countOf, enqueueMany, idsOf } from "../steps.ts";

/** The rule about how much a claim takes. */
export const claimLimitRules: readonly Rule[] = [
  {
    id: "CLM-4",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "claim",
    statement: "Never more than `limit` tasks are returned **or locked** (count RUNNING afterwards).",
    why: "A task locked beyond the limit runs nowhere until its lease is over.",
    checks: [
      {
        name: "over one queue",
        async run({ store }) {
          await enqueueMany(store, 10);
          for (const [limit, running] of [
            [0, 0],
            [1, 1],
            [3, 4],
            [100, 10],
          ] as const) {
            const tasks = await claim(store, { limit });
            expectThat(tasks.length <= limit, `dequeue returned ${tasks.length} tasks with limit ${limit}`);
            expectSame(
              await countOf(store, "RUNNING"),
              running,
              `tasks RUNNING after a claim with limit ${limit}`,
            );
          }
        },
      },
      {
        name: "over several queues and priorities",
        async run({ store }) {
          for (const queue of ["a", "b", "c"]) {
            for (const priority of [0, 1, 2]) await enqueueMany(store, 2, { queue, priority });
          }
          const queues = ["a", "b", "c"].map((name) => ({ name, limit: 4 }));
          const tasks = await claim(store, { queues, limit: 7 });
          expectSame(tasks.length, 7, "tasks returned with limit 7");
          expectSame(await countOf(store, "RUNNING"), 7, "tasks RUNNING");
        },
      },
      {
        name: "lapsed leases and waiting tasks together",
        async run(context) {
          const { store } = context;
          await enqueueMany(store, 4);
          expectSame((await claim(store, { limit: 4 })).length, 4, "tasks claimed at first");
          await enqueueMany(store, 4);
          await context.advance(LEASE_MS);
          const tasks = await claim(store, { limit: 5, leaseMs: 2 * LEASE_MS });
          expectSame(
            tasks.length,
            5,
            "tasks returned with limit 5, 4 leases having lapsed and 4 tasks waiting",
          );
          const again = await claim(store, { limit: 5, leaseMs: 2 * LEASE_MS });
          expectSame(again.length, 3, "tasks returned by the next claim, 3 being left");
          expectSame(new Set(idsOf([...tasks, ...again])).size, 8, "different tasks in both");
        },
      },
    ],
  },
];
