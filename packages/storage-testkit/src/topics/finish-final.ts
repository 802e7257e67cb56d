import { expectRejection, expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  claim,
  claimOne,
  complete,
  enqueueOne,
  expectNoClaim,
  fail,
  idsOf,
  read,
  readResult,
  renew,
  settle,
  settled,
  started,
} from "../steps.ts";
import { OUTCOMES } from "./outcomes.ts";
import { secondAttempt } from "./second-attempt.ts";

/** Rules about tasks that have ended, and ones that never were. */
export const finishFinalRules: readonly Rule[] = [
  {
    id: "FIN-3",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "finish",
    statement:
      "fail final ⇒ FAILED, not claimed again unless revived; complete and fail never change attempts within a run.",
    why: "A task that failed for good must rest until a person decides otherwise.",
    checks: [
      {
        name: "not claimed again, until it is revived as a new run",
        async run(context) {
          const { store } = context;
          const second = await secondAttempt(store);
          const { record } = second;
          await settled(store, second, fail("for good"));
          for (const ms of [0, 30_000, 86_400_000 * 400]) {
            await context.advance(ms);
            await expectNoClaim(store, "it has failed for good");
          }
          const { status, attempts, failures } = await read(store, record.id);
          expectSame(
            { status, attempts, failures },
            { status: "FAILED", attempts: 2, failures: 2 },
            "the failed task",
          );
          await store.retryTask(record.id);
          const again = await claimOne(store);
          expectSame(
            [again.record.id, again.record.run, again.record.attempts],
            [record.id, 2, 1],
            "the task revived: id, run, attempts",
          );
        },
      },
      {
        name: "attempts stay as the claims have made them",
        async run({ store }) {
          for (const outcome of [complete(), fail()]) {
            const second = await secondAttempt(store);
            const { record } = second;
            expectSame(record.attempts, 2, "attempts of the second claim");
            await settled(store, second, outcome);
            expectSame((await read(store, record.id)).attempts, 2, `attempts after ${outcome.kind}`);
            expectSame(
              (await readResult(store, record.id)).attempts,
              2,
              `attempts in the result after ${outcome.kind}`,
            );
          }
        },
      },
    ],
  },
  {
    id: "FIN-4",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "finish",
    statement:
      "Unknown id ⇒ `NotFoundError` for reschedule, cancel, retryTask, deleteTask; settle and renew answer gone for " +
      "that item.",
    why: "A call that changed nothing must not look like one that did.",
    checks: [
      {
        name: "operators' calls reject NotFoundError",
        async run({ store, now }) {
          const other = await enqueueOne(store);
          const calls = {
            reschedule: () => store.reschedule("missing", new Date(now)),
            cancel: () => store.cancel("missing"),
            retryTask: () => store.retryTask("missing"),
            deleteTask: () => store.deleteTask("missing"),
            "deleteTask by force": () => store.deleteTask("missing", { force: true }),
            hold: () => store.hold("missing", "reason"),
            unhold: () => store.unhold("missing", "reason"),
          };
          for (const [name, call] of Object.entries(calls)) {
            await expectRejection(
              call(),
              { name: "NotFoundError", code: "not_found", taskId: "missing" },
              `${name} of an unknown id`,
            );
          }
          expectSame(
            idsOf(await claim(store, { limit: 10 })),
            [other],
            "tasks that dequeue returned afterwards",
          );
          expectSame(await store.getTask("missing"), null, "getTask of the unknown id");
        },
      },
      {
        name: "settle and renew answer gone",
        async run({ store }) {
          const task = await started(store);
          await store.deleteTask(task.record.id, { force: true });
          for (const outcome of Object.values(OUTCOMES)) {
            expectSame(
              await settle(store, task, outcome),
              { status: "gone" },
              `the answer to ${outcome.kind} of an unknown id`,
            );
          }
          expectSame(await renew(store, task), { status: "gone" }, "the answer to renew of an unknown id");
        },
      },
    ],
  },
];
