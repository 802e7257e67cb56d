import { expectSame, expectThat } from "../expect.ts";
import type { Check, Rule } from "../rule.ts";
import {
  claimOne,
  complete,
  enqueueOne,
  expectNoClaim,
  fail,
  read,
  readResult,
  renew,
  retry,
  settled,
  started,
} from "../steps.ts";
import { EVERY_MINUTE, MINUTE } from "./every-minute.ts";

/** Point 9 of the checklist. */
export const intervalRunsAgain: Check = {
  name: "three runs, one interval apart, under one id",
  async run(context) {
    const { store } = context;
    const id = await enqueueOne(store, { recurrence: EVERY_MINUTE });
    for (const run of [1, 2, 3]) {
      const task = await claimOne(store);
      expectSame(
        [task.record.id, task.record.run, task.record.attempts],
        [id, run, 1],
        "the run claimed: id, run, attempts",
      );
      await context.advance(250);
      await settled(store, task, complete({ run }));
      const { status, schedule } = await read(context.connect(), id);
      expectSame(
        { status, eta: schedule.eta },
        { status: "PENDING", eta: new Date(context.now + MINUTE) },
        "the task after its run",
      );
      await context.advance(MINUTE - 1);
      await expectNoClaim(store, "its next run is due 1 ms later");
      await context.advance(1);
    }
    for (const run of [1, 2, 3])
      expectSame((await readResult(store, id, run)).value, { run }, `the result of run ${run}`);
  },
};

/** Rules about tasks that run again. */
export const recurringRules: readonly Rule[] = [
  {
    id: "SCH-1",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "recurring",
    statement:
      "Ending a run that has a next one is one atomic step: result or error under (id, run), run + 1, attempts, " +
      "failures, recoveries 0, error null, PENDING at the next due, token void.",
    why: "A crash between the end of a run and its successor would end the series without a word.",
    checks: [
      intervalRunsAgain,
      {
        name: "a success and a final failure alike, after retries",
        async run(context) {
          const { store } = context;
          for (const [queue, outcome] of [
            ["ok", complete("fine")],
            ["no", fail("for good")],
          ] as const) {
            await settled(store, await started(store, { queue, recurrence: EVERY_MINUTE }), retry(0));
            const task = await claimOne(store, { queue });
            expectSame(
              [task.record.run, task.record.attempts, task.record.failures],
              [1, 2, 1],
              "a retry within the run: run, attempts, failures",
            );
            await settled(store, task, outcome);
            const {
              status,
              run,
              attempts,
              failures,
              recoveries,
              error,
              leaseUntil,
              workerId,
              finishedAt,
              schedule,
            } = await read(context.connect(), task.record.id);
            expectSame(
              {
                status,
                run,
                attempts,
                failures,
                recoveries,
                error,
                leaseUntil,
                workerId,
                finishedAt,
                eta: schedule.eta,
              },
              {
                status: "PENDING",
                run: 2,
                attempts: 0,
                failures: 0,
                recoveries: 0,
                error: null,
                leaseUntil: null,
                workerId: null,
                finishedAt: null,
                eta: new Date(context.now + MINUTE),
              },
              `the task after the end of its run (${outcome.kind})`,
            );
            const result = await readResult(store, task.record.id, 1);
            expectSame(
              [result.status, result.attempts],
              [outcome.kind === "fail" ? "FAILED" : "SUCCESS", 2],
              "the result of run 1",
            );
            expectSame(
              (await renew(store, task)).status,
              "lost",
              "renew with the token of the run that ended",
            );
          }
        },
      },
      {
        name: "a reader never sees the next run without the result of the last",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store, { recurrence: EVERY_MINUTE });
          const reader = context.connect();
          for (let round = 1; round <= 20; round++) {
            const task = await claimOne(store);
            const look = async (): Promise<void> => {
              const { run } = await read(reader, id);
              if (run === round) return;
              expectThat(
                (await reader.getResult(id, { run: round })) !== null,
                `run ${run} was seen without the result of run ${round}`,
              );
            };
            await Promise.all([settled(store, task, complete(round)), look(), look(), look()]);
            await context.advance(MINUTE);
          }
        },
      },
      {
        name: "onFailure stop ends the series at a final failure",
        async run({ store }) {
          const task = await started(store, { recurrence: { ...EVERY_MINUTE, onFailure: "stop" } });
          await settled(store, task, fail());
          expectSame((await read(store, task.record.id)).status, "FAILED", "the status");
        },
      },
      {
        name: "a fixed cadence keeps to its grid, and treats missed runs as asked",
        async run(context) {
          const begin = context.now;
          for (const [missed, late] of [
            ["skip", 4],
            ["once", 3],
            ["all", 1],
          ] as const) {
            const recurrence = { ...EVERY_MINUTE, cadence: "fixed", missed } as const;
            const task = await started(context.store, { queue: missed, due: { at: begin }, recurrence });
            context.clock.set(begin + 3 * MINUTE + 20_000);
            await context.tellTime();
            await settled(context.store, task, complete());
            const { eta } = (await read(context.store, task.record.id)).schedule;
            expectSame(
              eta,
              new Date(begin + late * MINUTE),
              `the next due time of a run that ended late, missed runs: ${missed}`,
            );
            context.clock.set(begin);
            await context.tellTime();
          }
        },
      },
    ],
  },
];
