import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  claimOne,
  complete,
  enqueueOne,
  expectNoClaim,
  read,
  readResult,
  retry,
  settled,
  someError,
  started,
} from "../steps.ts";
import { secondAttempt } from "./second-attempt.ts";

/** The rule about runs that are tried again. */
export const finishRetryRules: readonly Rule[] = [
  {
    id: "FIN-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "finish",
    statement:
      "fail with retryAt is one atomic step RUNNING→PENDING, eta = retryAt, error recorded; no intermediate state " +
      "survives a crash.",
    why: 'A crash between "mark failed" and "schedule the retry" loses the retry for ever.',
    checks: [
      {
        name: "waiting, error set, due at the instant given",
        async run(context) {
          const { store, now } = context;
          for (const [queue, due] of [
            ["at", { at: now + 5000 }],
            ["in", { inMs: 5000 }],
          ] as const) {
            const task = await started(store, { queue });
            await settled(store, task, { kind: "retry", error: someError("try again"), due });
            const found = await read(context.connect(), task.record.id);
            const {
              status,
              attempts,
              failures,
              recoveries,
              run,
              leaseUntil,
              workerId,
              finishedAt,
              schedule,
            } = found;
            expectSame(
              {
                status,
                attempts,
                failures,
                recoveries,
                run,
                leaseUntil,
                workerId,
                finishedAt,
                eta: schedule.eta,
              },
              {
                status: "PENDING",
                attempts: 1,
                failures: 1,
                recoveries: 0,
                run: 1,
                leaseUntil: null,
                workerId: null,
                finishedAt: null,
                eta: new Date(now + 5e3),
              },
              "the task that waits for its retry",
            );
            expectSame(found.error, someError("try again"), "its error");
            expectSame(await store.getResult(task.record.id), null, "its result, there being none yet");
          }
          await context.advance(4999);
          for (const queue of ["at", "in"])
            await expectNoClaim(store, "its retry is due 1 ms later", { queue });
          await context.advance(1);
          for (const queue of ["at", "in"])
            expectSame((await claimOne(store, { queue })).record.attempts, 2, "attempts of the retry");
        },
      },
      {
        name: "a reader sees the task running or waiting, with nothing in between",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store);
          const reader = context.connect();
          for (let round = 1; round <= 20; round++) {
            const task = await claimOne(store);
            const [, ...seen] = await Promise.all([
              settled(store, task, retry(0)),
              read(reader, id),
              read(reader, id),
              read(reader, id),
            ]);
            for (const { status, failures, leaseUntil } of seen) {
              const running = { failures: round - 1, leased: true };
              const expected = status === "RUNNING" ? running : { failures: round, leased: false };
              expectSame(
                { failures, leased: leaseUntil !== null },
                expected,
                `a task seen ${status} during its retry`,
              );
            }
          }
        },
      },
      {
        name: "a success afterwards clears the error",
        async run({ store }) {
          const second = await secondAttempt(store);
          const { record } = second;
          await settled(store, second, complete("well"));
          const { status, error, failures, attempts } = await read(store, record.id);
          expectSame(
            { status, error, failures, attempts },
            { status: "SUCCESS", error: null, failures: 1, attempts: 2 },
            "the task",
          );
          expectSame((await readResult(store, record.id)).value, "well", "its result");
        },
      },
    ],
  },
];
