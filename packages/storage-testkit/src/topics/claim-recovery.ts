import type { BaseStorage } from "@omniq/core/storage";
import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import {
  LEASE_MS,
  claim,
  claimOne,
  complete,
  expectNoClaim,
  idsOf,
  read,
  readResult,
  renew,
  retry,
  settle,
  settled,
  started,
} from "../steps.ts";

/** The rule about lapsed leases and their cap. */
export const claimRecoveryRules: readonly Rule[] = [
  {
    id: "CLM-9",
    level: "required",
    kinds: ["clock"],
    since: "1.0",
    topic: "claim",
    statement:
      "A take-over adds one to recoveries in the same step. A run past maxRecoveries is not handed out and ends as " +
      "failed with `lease_expired`: a one-off task is FAILED, a recurring one follows D13.",
    why: "Without a cap, a task that kills its worker kills every worker, one after the other.",
    checks: [
      {
        name: "each take-over counts one recovery and no failure",
        async run(context) {
          const { store } = context;
          const { record } = await started(store);
          for (const recoveries of [1, 2, 3]) {
            const taken = await takeOver(context);
            expectSame(taken.recovered, true, "recovered of a task taken over");
            expectSame(taken.record.recoveries, recoveries, "recoveries in the record that dequeue returned");
            const task = await read(context.connect(), record.id);
            expectSame(
              {
                recoveries: task.recoveries,
                attempts: task.attempts,
                failures: task.failures,
                status: task.status,
              },
              { recoveries, attempts: recoveries + 1, failures: 0, status: "RUNNING" },
              "the task taken over",
            );
          }
        },
      },
      {
        name: "the default cap is 3",
        async run(context) {
          const { store } = context;
          const first = await started(store);
          for (let time = 0; time < 3; time++) await takeOver(context);
          await expectEndsAtNextClaim(context, first.record.id, 4);
        },
      },
      {
        name: "a cap of 0 and a cap of 1 are honoured",
        async run(context) {
          for (const maxRecoveries of [0, 1]) {
            const { record } = await started(context.store, { policies: { maxRecoveries } });
            for (let time = 0; time < maxRecoveries; time++) await takeOver(context);
            await expectEndsAtNextClaim(context, record.id, maxRecoveries + 1);
          }
        },
      },
      {
        name: "the last holder of a run that ended so is refused",
        async run(context) {
          const { store } = context;
          const holder = await started(store, { policies: { maxRecoveries: 0 } });
          await expectEndsAtNextClaim(context, holder.record.id, 1);
          const lost = { status: "lost", reason: "taken_over" };
          expectSame(await settle(store, holder, complete()), lost, "the answer to its complete");
          expectSame(await renew(store, holder), lost, "the answer to its renew");
        },
      },
      {
        name: "a recurring task goes on with its next run, unless told to stop",
        async run(context) {
          const { store } = context;
          for (const onFailure of ["continue", "stop"] as const) {
            const recurrence = { everyMs: 60_000, cadence: "after", missed: "skip", onFailure } as const;
            const { record } = await started(store, {
              queue: onFailure,
              recurrence,
              policies: { maxRecoveries: 0 },
            });
            await context.advance(LEASE_MS);
            await expectNoClaim(store, "its run has used up its recoveries", { queue: onFailure });
            await expectLeaseExpired(store, record.id);
            const { status, run, attempts, recoveries, schedule } = await read(store, record.id);
            if (onFailure === "stop") {
              expectSame({ status, run }, { status: "FAILED", run: 1 }, "the task that stops at a failure");
            } else {
              expectSame(
                { status, run, attempts, recoveries },
                { status: "PENDING", run: 2, attempts: 0, recoveries: 0 },
                "the next run",
              );
              expectSame(schedule.eta, new Date(context.now + 60_000), "its due time");
            }
          }
        },
      },
      {
        name: "the cap is of a run: a retry keeps the count, another task has its own",
        async run(context) {
          const { store } = context;
          const policies = { maxRecoveries: 1 };
          const { record } = await started(store, { policies });
          await settled(store, await takeOver(context), retry(0));
          expectSame((await read(store, record.id)).recoveries, 1, "recoveries after a retry");
          await claimOne(store);
          const other = await started(store, { policies });
          await context.advance(LEASE_MS);
          const taken = await claim(store, { limit: 10 });
          expectSame(
            idsOf(taken),
            [other.record.id],
            "tasks handed out, one of two having used up its recoveries",
          );
        },
      },
    ],
  },
];

/** Lets the lease of the only task lapse and claims it. */
async function takeOver(context: RuleContext): ReturnType<typeof claimOne> {
  await context.advance(LEASE_MS);
  return claimOne(context.store);
}

async function expectEndsAtNextClaim(context: RuleContext, id: string, attempts: number): Promise<void> {
  const { store } = context;
  await context.advance(LEASE_MS);
  await expectNoClaim(store, "the run has used up its recoveries");
  const task = await read(context.connect(), id);
  expectSame(
    { status: task.status, attempts: task.attempts, workerId: task.workerId, leaseUntil: task.leaseUntil },
    { status: "FAILED", attempts, workerId: null, leaseUntil: null },
    "the task whose run has used up its recoveries",
  );
  expectSame(task.error?.errorType, "lease_expired", "its error's type");
  await expectLeaseExpired(store, id);
}

async function expectLeaseExpired(store: BaseStorage, id: string): Promise<void> {
  const result = await readResult(store, id, 1);
  expectThat(
    result.status === "FAILED",
    `the result of the run that ended so says ${result.status}, expected FAILED`,
  );
  expectSame(result.error?.errorType, "lease_expired", "the type of the error in its result");
}
