import type { NewTask } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { complete, fail, newTask, read, release, retry, settled, started } from "../steps.ts";
import { EVERY_MINUTE, MINUTE } from "./every-minute.ts";

const MISSED = ["skip", "once", "all"] as const;

/** The rule about due times when a schedule changes. */
export const scheduleDueRules: readonly Rule[] = [
  {
    id: "SCH-5",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "recurring",
    statement:
      "A changed declaration leaves a run in progress its own due time; the first run of a fixed grid that follows is " +
      "its anchor, never an earlier slot.",
    why: "A run given back would otherwise wait for the new schedule, and the new one begin before the time declared.",
    checks: [
      {
        name: "a run in progress keeps its due time, also when it is given back",
        async run(context) {
          const { store, now } = context;
          const task = await started(
            store,
            newTask({ id: "one", recurrence: EVERY_MINUTE, due: { at: now - 7 } }),
          );
          await context.advance(1000);
          await context.connect().schedule(fixedFrom(context.now + 10 * MINUTE));
          const { eta } = (await read(store, "one")).schedule;
          expectSame(eta, new Date(now - 7), "the due time of a run in progress after another declaration");
          await settled(store, task, release);
          const { schedule, run } = await read(store, "one");
          expectSame([schedule.eta, run], [new Date(now - 7), 1], "due time and run once it is given back");
        },
      },
      {
        name: "a retry is due when it was asked for",
        async run(context) {
          const { store } = context;
          const task = await started(store, newTask({ id: "one", recurrence: EVERY_MINUTE }));
          await store.schedule(fixedFrom(context.now + 10 * MINUTE));
          await settled(store, task, retry(500));
          expectSame(
            (await read(store, "one")).schedule.eta,
            new Date(context.now + 500),
            "the retry's due time",
          );
        },
      },
      {
        name: "the run that follows is the anchor of the grid, whatever becomes of missed ones",
        async run(context) {
          for (const missed of MISSED) {
            for (const outcome of [complete(), fail()]) {
              const anchor = context.now + 2 * MINUTE + 30_000;
              const eta = await afterRunUnder(context, fixedFrom(anchor, missed), outcome, 1000);
              expectSame(eta, new Date(anchor), `the first due time of a grid (missed runs: ${missed})`);
            }
          }
        },
      },
      {
        name: "with an anchor that passed meanwhile, missed runs count from it",
        async run(context) {
          for (const [missed, slot] of [
            ["all", 0],
            ["once", 2],
            ["skip", 3],
          ] as const) {
            const anchor = context.now + MINUTE;
            const eta = await afterRunUnder(
              context,
              fixedFrom(anchor, missed),
              complete(),
              3 * MINUTE + 20_000,
            );
            expectSame(eta, new Date(anchor + slot * MINUTE), `the next due time (missed runs: ${missed})`);
          }
        },
      },
      {
        name: "a waiting task is due as declared anew",
        async run(context) {
          const { store } = context;
          await store.schedule({ ...newTask({ recurrence: EVERY_MINUTE }), id: "one" });
          const anchor = context.now + 5 * MINUTE;
          await store.schedule(fixedFrom(anchor));
          expectSame(
            (await read(store, "one")).schedule.eta,
            new Date(anchor),
            "the due time of the waiting task",
          );
        },
      },
    ],
  },
];

/** The declaration of a grid of minutes that begins at an instant. */
function fixedFrom(at: number, missed: (typeof MISSED)[number] = "skip"): NewTask & { readonly id: string } {
  return {
    ...newTask({ due: { at }, recurrence: { ...EVERY_MINUTE, cadence: "fixed", missed } }),
    id: "one",
  };
}

/** The due time that follows a run which took so long, and under which another schedule was declared. */
async function afterRunUnder(
  context: RuleContext,
  declaration: NewTask & { readonly id: string },
  outcome: Parameters<typeof settled>[2],
  tookMs: number,
): Promise<Date> {
  const { store } = context;
  const task = await started(store, newTask({ id: "one", recurrence: EVERY_MINUTE }));
  await store.schedule(declaration);
  await context.advance(tookMs);
  await settled(store, task, outcome);
  const { schedule, run } = await read(store, "one");
  expectSame(run, 2, "the run that follows");
  await store.deleteTask("one");
  return schedule.eta;
}
