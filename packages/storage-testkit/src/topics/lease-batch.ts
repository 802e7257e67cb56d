import type { ClaimedTask } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { LEASE_MS, QUEUE, claim, complete, enqueueMany, readResult } from "../steps.ts";

/** The rule about leases in one call. */
export const leaseBatchRules: readonly Rule[] = [
  {
    id: "LSE-6",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "lease",
    statement: "extendMany/completeMany report per item; a stale one does not fail the others.",
    why: "One lost lease in a batch of fifty must not cost the other forty-nine.",
    checks: [
      {
        name: "renew and settle of good, lost and gone leases in one call",
        async run({ store, now }) {
          await enqueueMany(store, 4);
          const [good, lost, gone, last] = (await claim(store, { limit: 4 })) as [
            ClaimedTask,
            ClaimedTask,
            ClaimedTask,
            ClaimedTask,
          ];
          await store.cancel(lost.record.id);
          await store.deleteTask(gone.record.id, { force: true });
          const batch = [lost, good, gone, last];
          const refused = [{ status: "lost", reason: "cancelled" }, { status: "gone" }];
          const { answers: renewed } = await store.renew({
            renewals: batch.map(({ lease }) => ({ lease, leaseMs: 2 * LEASE_MS })),
          });
          const ok = { status: "renewed", until: now + 2 * LEASE_MS };
          expectSame(renewed, [refused[0], ok, refused[1], ok], "the answers to renew");
          const { answers } = await store.settle({
            settlements: batch.map((task) => ({ task, outcome: complete(7) })),
          });
          expectSame(
            answers.map(({ status }) => status),
            ["lost", "settled", "gone", "settled"],
            "the answers to settle",
          );
          for (const { record } of [good, last])
            expectSame((await readResult(store, record.id)).value, 7, "the result stored");
        },
      },
      {
        name: "a lost lease of a task and its present one in one call, in either order",
        async run({ store, now }) {
          for (const isLostFirst of [true, false]) {
            await enqueueMany(store, 1);
            const [lost] = (await claim(store, { limit: 1 })) as [ClaimedTask];
            const { id } = lost.record;
            await store.reschedule(id, new Date(now));
            const [present] = (await claim(store, { limit: 1 })) as [ClaimedTask];
            expectSame(present.record.id, id, "the task that was claimed again");
            const batch = isLostFirst ? [lost, present] : [present, lost];
            const { answers: renewed } = await store.renew({
              renewals: batch.map(({ lease }) => ({ lease, leaseMs: 2 * LEASE_MS })),
            });
            const { answers: settled } = await store.settle({
              settlements: batch.map((task) => ({ task, outcome: complete(task === present ? 7 : 8) })),
            });
            const inOrder = (ofPresent: string): string[] =>
              isLostFirst ? ["lost", ofPresent] : [ofPresent, "lost"];
            const statuses = (answers: readonly { readonly status: string }[]): string[] =>
              answers.map(({ status }) => status);
            expectSame(statuses(renewed), inOrder("renewed"), "the answers to renew");
            expectSame(statuses(settled), inOrder("settled"), "the answers to settle");
            expectSame((await readResult(store, id)).value, 7, "the result stored");
          }
        },
      },
      {
        name: "exchange answers per item too, and claims besides",
        async run({ store }) {
          await enqueueMany(store, 3);
          const [good, lost] = (await claim(store, { limit: 2 })) as [ClaimedTask, ClaimedTask];
          await store.cancel(lost.record.id);
          const { answers, tasks } = await store.exchange({
            settle: { settlements: [lost, good].map((task) => ({ task, outcome: complete() })) },
            dequeue: { queues: [{ name: QUEUE, limit: 5 }], limit: 5, workerId: "w", leaseMs: LEASE_MS },
          });
          expectSame(
            answers.map(({ status }) => status),
            ["lost", "settled"],
            "the answers to exchange",
          );
          expectSame(tasks.length, 1, "tasks that exchange claimed");
        },
      },
    ],
  },
];
