import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  LEASE_MS,
  claimOne,
  complete,
  enqueueOne,
  expectNoClaim,
  read,
  renew,
  settled,
  started,
} from "../steps.ts";

/** Rules about how long a lease lasts. */
export const leaseRules: readonly Rule[] = [
  {
    id: "LSE-3",
    level: "required",
    kinds: ["clock"],
    since: "1.0",
    topic: "lease",
    statement:
      "The holder is judged by token only: an expired lease nobody has taken over can still be completed or extended.",
    why: "Refusing a late finish that nobody contests would throw away finished work.",
    checks: [
      {
        name: "complete after the end of the lease",
        async run(context) {
          const { store } = context;
          const task = await started(store);
          await context.advance(10 * LEASE_MS);
          await settled(store, task, complete("late"));
          expectSame((await read(store, task.record.id)).status, "SUCCESS", "its status");
          await expectNoClaim(store, "it was completed");
        },
      },
      {
        name: "renew after the end of the lease",
        async run(context) {
          const { store } = context;
          const task = await started(store);
          await context.advance(10 * LEASE_MS);
          expectSame(
            await renew(store, task),
            { status: "renewed", until: context.now + LEASE_MS },
            "the answer to renew",
          );
          await context.advance(LEASE_MS - 1);
          await expectNoClaim(context.connect(), "its lapsed lease was renewed");
        },
      },
    ],
  },
  {
    id: "LSE-4",
    level: "required",
    kinds: ["clock"],
    since: "1.0",
    topic: "lease",
    statement: "No other claim before leaseUntil; claim possible at leaseUntil.",
    why: "Too early and two workers run one task; too late and a crash costs more time than was promised.",
    checks: [
      {
        name: "to the millisecond",
        async run(context) {
          const { store } = context;
          const unit = context.capabilities.timePrecisionMs;
          const { record } = await started(store);
          const other = context.connect();
          await context.advance(LEASE_MS - unit);
          await expectNoClaim(other, "its lease lasts one unit of time longer");
          await context.advance(unit);
          const taken = await claimOne(other, { workerId: "other" });
          expectSame(
            [taken.record.id, taken.recovered],
            [record.id, true],
            "the task taken over, and whether it is marked",
          );
          expectSame((await read(store, record.id)).workerId, "other", "its worker");
        },
      },
      {
        name: "a take-over begins a lease of its own length",
        async run(context) {
          const { store } = context;
          await started(store);
          await context.advance(LEASE_MS);
          await claimOne(store, { leaseMs: 500 });
          await context.advance(499);
          await expectNoClaim(store, "the lease of the take-over lasts 1 ms longer");
          await context.advance(1);
          await claimOne(store);
        },
      },
    ],
  },
  {
    id: "LSE-7",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "lease",
    statement: "release returns the task to PENDING at once, refunds the attempt, voids the token.",
    why: "A worker that stops gives its tasks back; that must cost neither time nor an attempt.",
    checks: [
      {
        name: "claimable at once, the attempt refunded",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store, { maxRetries: 0 });
          const { eta } = (await read(store, id)).schedule;
          for (let time = 0; time < 5; time++) {
            await context.advance(10);
            const task = await claimOne(store);
            expectSame(task.record.attempts, 1, "attempts of a claim after releases");
            await settled(store, task, { kind: "release" });
            const {
              status,
              attempts,
              failures,
              recoveries,
              error,
              schedule,
              leaseUntil,
              workerId,
              finishedAt,
            } = await read(store, id);
            expectSame(
              {
                status,
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
                attempts: 0,
                failures: 0,
                recoveries: 0,
                error: null,
                leaseUntil: null,
                workerId: null,
                finishedAt: null,
                eta,
              },
              "the released task",
            );
            expectSame((await renew(store, task)).status, "lost", "the answer to a renew after the release");
          }
        },
      },
      {
        name: "with a due time of its own",
        async run(context) {
          const { store } = context;
          const task = await started(store);
          await settled(store, task, { kind: "release", due: { inMs: 700 }, reason: "unknown name" });
          await context.advance(699);
          await expectNoClaim(store, "it was released for 1 ms longer");
          await context.advance(1);
          expectSame((await claimOne(store)).record.attempts, 1, "attempts");
        },
      },
    ],
  },
];
