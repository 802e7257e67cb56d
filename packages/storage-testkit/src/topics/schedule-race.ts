import type { BaseStorage } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import { JOBS, SHARED_SCHEDULE } from "../process/jobs.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { countOf, read, readResult } from "../steps.ts";
import { MINUTE } from "./every-minute.ts";

const RUNS = 6;
const INSTANCES = 8;

/** Lets all declare and claim at once, run after run. */
async function race(context: RuleContext, go: (instance: number) => Promise<number | null>): Promise<void> {
  for (let run = 1; run <= RUNS; run++) {
    const ran = await Promise.all(Array.from({ length: INSTANCES }, (_, instance) => go(instance)));
    expectSame(
      ran.filter((one) => one !== null),
      [run],
      `the runs that ${INSTANCES} instances recorded at once`,
    );
    await context.advance(MINUTE);
  }
  const { store } = context;
  expectSame(await countOf(store), 1, "tasks stored for one schedule");
  const { status, run } = await read(store, SHARED_SCHEDULE);
  expectSame([status, run], ["PENDING", RUNS + 1], "the recurring task in the end: status, run");
  for (let past = 1; past <= RUNS; past++) await readResult(store, SHARED_SCHEDULE, past);
  const { events } = await store.queryEvents({ taskId: SHARED_SCHEDULE, type: "completed" });
  expectSame(
    events.map((event) => event.run),
    Array.from({ length: RUNS }, (_, index) => index + 1),
    "the runs completed",
  );
}

/** Rules about recurring tasks that many declare. */
export const scheduleRaceRules: readonly Rule[] = [
  {
    id: "SCH-4",
    level: "required",
    kinds: ["race", "process"],
    since: "1.0",
    topic: "recurring",
    statement: "8 instances declare one schedule and claim: one row, each run recorded once.",
    why: "Every process of a deployment declares the nightly job at its start, and the job must run once a night.",
    checks: [
      {
        name: "8 instances in one process",
        async run(context) {
          const stores: readonly BaseStorage[] = context.connectMany(INSTANCES);
          await race(context, (instance) =>
            JOBS.declareAndRun(
              { store: stores[instance] as BaseStorage, held: new Map() },
              `worker ${instance}`,
            ),
          );
        },
      },
      {
        name: "8 instances, each in a process of its own",
        needs: "multiProcess",
        door: "processes",
        async run(context) {
          const processes = await context.spawnMany(INSTANCES);
          await race(context, async (instance) => {
            return (await processes[instance]?.run("declareAndRun", `worker ${instance}`)) ?? null;
          });
        },
      },
    ],
  },
];
