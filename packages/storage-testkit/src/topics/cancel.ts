import type { BaseStorage } from "@omniq/core/storage";
import { expectSame, expectThat, show } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { unchanged } from "../snapshot.ts";
import {
  LEASE_MS,
  claim,
  complete,
  enqueueOne,
  expectNoClaim,
  read,
  renew,
  settle,
  started,
} from "../steps.ts";
import { OUTCOMES } from "./outcomes.ts";

/** Rules about cancelling. */
export const cancelRules: readonly Rule[] = [
  {
    id: "FIN-6",
    level: "required",
    kinds: ["race"],
    since: "1.0",
    topic: "finish",
    statement: "cancel vs claim of a PENDING task: exactly one wins; a cancelled task is never executed.",
    why: "A person told that the task is cancelled must be able to rely on it.",
    checks: [
      {
        name: "racing on two instances",
        async run(context) {
          const [operator, worker] = context.connectMany(2) as [BaseStorage, BaseStorage];
          for (let round = 0; round < 60; round++) {
            const id = await enqueueOne(context.store);
            // Who begins alternates, so that neither side is always first in the store.
            const first = round % 2 === 0 ? claim(worker) : null;
            const [cancelled, claimed] = await Promise.all([operator.cancel(id), first ?? claim(worker)]);
            expectSame(cancelled, true, "the answer to cancel");
            const { status, attempts, leaseUntil } = await read(context.store, id);
            expectSame(
              { status, attempts, leaseUntil },
              { status: "CANCELLED", attempts: claimed.length, leaseUntil: null },
              `the task after a race in which the claim ${claimed.length === 1 ? "got" : "did not get"} it`,
            );
            for (const task of claimed) {
              const lost = { status: "lost", reason: "cancelled" };
              expectSame(
                await settle(worker, task, complete()),
                lost,
                "the answer to the claimer's complete",
              );
            }
            await expectNoClaim(worker, "its only task is cancelled");
          }
        },
      },
    ],
  },
  {
    id: "FIN-7",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "finish",
    statement:
      "cancel of RUNNING ends the lease at once; the holder learns the reason at its next extend, its outcome is refused.",
    why: "A cancelled handler that goes on must neither block the task nor have the last word.",
    checks: [
      {
        name: "the lease ends, the holder learns why, its outcome is refused",
        async run(context) {
          const { store } = context;
          const task = await started(store);
          const { id } = task.record;
          await context.advance(10);
          expectSame(await context.connect().cancel(id), true, "the answer to cancel");
          const { status, leaseUntil, workerId, finishedAt } = await read(store, id);
          expectSame(
            { status, leaseUntil, workerId, finishedAt },
            { status: "CANCELLED", leaseUntil: null, workerId: null, finishedAt: new Date(context.now) },
            "the cancelled task",
          );
          expectSame(
            await renew(store, task),
            { status: "lost", reason: "cancelled" },
            "the holder's next renew",
          );
          for (const outcome of Object.values(OUTCOMES)) {
            const answer = await unchanged(store, id, `${outcome.kind} of a cancelled task`, () =>
              settle(store, task, outcome),
            );
            expectSame(answer, { status: "lost", reason: "cancelled" }, `the answer to ${outcome.kind}`);
          }
          await context.advance(LEASE_MS);
          await expectNoClaim(store, "it was cancelled");
        },
      },
      {
        name: "cancel of a task that has ended changes nothing and says so",
        async run({ store }) {
          const task = await started(store);
          await settle(store, task, complete());
          const answer = await unchanged(store, task.record.id, "cancel of a finished task", () =>
            store.cancel(task.record.id),
          );
          expectThat(answer === false, `cancel of a finished task answered ${show(answer)}, expected false`);
        },
      },
    ],
  },
];
