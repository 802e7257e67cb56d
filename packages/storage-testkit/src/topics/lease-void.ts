import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { unchanged } from "../snapshot.ts";
import { claimOne, complete, fail, read, renew, retry, settle, settled, started } from "../steps.ts";
import { expectFenced } from "./fencing.ts";
import { OUTCOMES } from "./outcomes.ts";

/** Rules about leases that were settled before, or that an operator ended. */
export const leaseVoidRules: readonly Rule[] = [
  {
    id: "LSE-8",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "lease",
    statement:
      "Repeating complete with the same token and same result succeeds without change (10 repetitions); with a " +
      "different outcome it answers conflict.",
    why: "A reply that was lost makes the worker, or its driver, send the same settlement again.",
    checks: [
      {
        name: "each outcome, repeated 10 times",
        async run(context) {
          const { store } = context;
          for (const [kind, outcome] of Object.entries(OUTCOMES)) {
            const task = await started(store, { queue: kind });
            await settled(store, task, outcome);
            await context.advance(10);
            await unchanged(store, task.record.id, `${kind} repeated`, async () => {
              for (let time = 0; time < 10; time++) {
                expectSame(
                  (await settle(store, task, outcome)).status,
                  "repeated",
                  `the answer to the same ${kind} again`,
                );
              }
            });
          }
        },
      },
      {
        name: "another outcome is a conflict",
        async run({ store }) {
          for (const [kind, outcome] of Object.entries(OUTCOMES)) {
            const task = await started(store, { queue: kind });
            await settled(store, task, outcome);
            const others = Object.values(OUTCOMES).filter((other) => other !== outcome);
            for (const other of [...others, complete("another result"), fail("another error")]) {
              const answer = await unchanged(store, task.record.id, `${other.kind} after ${kind}`, () =>
                settle(store, task, other),
              );
              expectSame(
                answer,
                { status: "conflict" },
                `the answer to ${other.kind} after ${kind} under one token`,
              );
            }
          }
        },
      },
      {
        name: "while the next holder runs, and after the next run has begun",
        async run(context) {
          const { store } = context;
          const recurrence = {
            everyMs: 1000,
            cadence: "after",
            missed: "skip",
            onFailure: "continue",
          } as const;
          for (const [queue, task] of [
            ["once", {}],
            ["often", { recurrence }],
          ] as const) {
            const first = await started(store, { ...task, queue });
            const outcome = queue === "once" ? retry(1000) : complete("first");
            await settled(store, first, outcome);
            await context.advance(1000);
            await claimOne(store, { queue });
            const answer = await unchanged(store, first.record.id, "a settlement repeated", () =>
              settle(store, first, outcome),
            );
            expectSame(answer.status, "repeated", "the answer to the first holder, the next one running");
          }
        },
      },
    ],
  },
  {
    id: "LSE-10",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "lease",
    statement: "cancel, reschedule and forced delete of a RUNNING task void the holder's token.",
    why: "What an operator decides must not be undone by the worker that still runs the task.",
    checks: [
      {
        name: "cancel and reschedule",
        async run(context) {
          const { store } = context;
          const operator = context.connect();
          const cancelled = await started(store);
          await operator.cancel(cancelled.record.id);
          await expectFenced(store, cancelled, "cancelled");
          const rescheduled = await started(store);
          await operator.reschedule(rescheduled.record.id, new Date(context.now + 1000));
          await expectFenced(store, rescheduled, "rescheduled");
          expectSame(
            (await read(store, rescheduled.record.id)).status,
            "PENDING",
            "the rescheduled task's status",
          );
        },
      },
      {
        name: "forced delete",
        async run({ store }) {
          const task = await started(store);
          await store.deleteTask(task.record.id, { force: true });
          for (const [kind, outcome] of Object.entries(OUTCOMES)) {
            expectSame(
              await settle(store, task, outcome),
              { status: "gone" },
              `the answer to ${kind} of a deleted task`,
            );
          }
          expectSame(await renew(store, task), { status: "gone" }, "the answer to renew of a deleted task");
          expectSame(await store.getTask(task.record.id), null, "getTask of the deleted task");
        },
      },
      {
        name: "a task enqueued anew under the id of a deleted one is not the old holder's",
        async run({ store }) {
          const task = await started(store, { id: "one" });
          await store.deleteTask("one", { force: true });
          await started(store, { id: "one" });
          expectSame((await settle(store, task, complete())).status, "lost", "the answer to the old holder");
        },
      },
    ],
  },
];
