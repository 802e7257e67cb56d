import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { enqueueOne, read } from "../steps.ts";

const TIMES = 200;

/** Rules about rescheduling from several processes. */
export const rescheduleRaceRules: readonly Rule[] = [
  {
    id: "RSC-3",
    level: "capability",
    kinds: ["process"],
    since: "1.0",
    topic: "reschedule",
    statement: "2 processes × 200 reschedules of one task: final eta is one of the requested, record intact.",
    why: "A record that two processes rewrite must never come out as a mixture of both.",
    capability: "multiProcess",
    checks: [
      {
        name: "one task, two processes, 200 times each",
        needs: "multiProcess",
        door: "processes",
        async run(context) {
          const { store, now } = context;
          const id = await enqueueOne(store, {
            payload: { kept: "x".repeat(2000) },
            priority: 7,
            maxRetries: 2,
          });
          const before = await read(store, id);
          const processes = await context.spawnMany(2);
          const requested = processes.map((_, index) =>
            Array.from({ length: TIMES }, (_unused, time) => now + 1000 * (2 * time + index + 1)),
          );
          await Promise.all(
            processes.map((process, index) =>
              process.run("reschedule", { id, etas: requested[index] ?? [] }),
            ),
          );
          const after = await read(store, id);
          const eta = after.schedule.eta.getTime();
          const last = requested.map((etas) => etas.at(-1));
          expectThat(
            last.includes(eta),
            `the final eta is ${eta - now} ms from now, expected the last that one of the two processes requested`,
          );
          expectSame(
            { ...after, schedule: { ...after.schedule, eta: before.schedule.eta } },
            { ...before },
            "the rest of the task after 400 reschedules",
          );
          const { events } = await store.queryEvents({ taskId: id, type: "rescheduled", limit: 1000 });
          expectSame(events.length, 2 * TIMES, "events of rescheduling");
        },
      },
    ],
  },
];
