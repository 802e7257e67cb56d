import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { STATUSES, taskIn } from "../states.ts";
import { QUEUE, claim, enqueueMany, enqueueOne, expectNoClaim, idsOf, read } from "../steps.ts";

/** Rules about what a claim returns, and what it writes. */
export const claimRules: readonly Rule[] = [
  {
    id: "CLM-1",
    level: "required",
    kinds: ["clock"],
    since: "1.0",
    topic: "claim",
    statement:
      "Claim returns only PENDING tasks with due ≤ now: at due − 1 unit nothing, at due exactly it is returned (unit = " +
      "timePrecisionMs).",
    why: "A task that runs early breaks a promise; one skipped at its very instant waits for the next poll.",
    checks: [
      {
        name: "not before its due time, and at that instant",
        async run(context) {
          const { store } = context;
          const unit = context.capabilities.timePrecisionMs;
          for (const due of [{ inMs: 10 * unit }, { at: context.now + 20 * unit }]) {
            const id = await enqueueOne(store, { due });
            const eta = (await read(store, id)).schedule.eta.getTime();
            await context.advance(eta - context.now - unit);
            await expectNoClaim(store, "it is due one unit of time later");
            await context.advance(unit);
            expectSame(idsOf(await claim(store)), [id], "tasks that dequeue returned at the very due time");
          }
        },
      },
      {
        name: "only PENDING tasks",
        async run(context) {
          const { store } = context;
          for (const status of STATUSES) {
            const { id, queue } = await taskIn(store, status, status);
            const found = idsOf(await claim(store, { queue }));
            expectSame(
              found,
              status === "PENDING" ? [id] : [],
              `tasks that dequeue returned for a due ${status} task`,
            );
          }
        },
      },
    ],
  },
  {
    id: "CLM-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "claim",
    statement:
      "One claim sets RUNNING, attempts + 1, lastAttemptAt = now, token, leaseUntil = now + ttl in one atomic step " +
      "(another instance never sees a mix).",
    why: "A task that is RUNNING without a lease would never be taken over.",
    checks: [
      {
        name: "another instance sees all that a claim sets",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store, { payload: [1, 2] });
          await context.advance(5);
          const { tasks, now } = await store.dequeue({
            queues: [{ name: QUEUE, limit: 1 }],
            limit: 1,
            workerId: "worker 7",
            leaseMs: 1234,
          });
          expectSame(now, context.now, "the now that dequeue answered");
          const [claimed] = tasks;
          expectThat(claimed !== undefined, "dequeue returned no task although one was due");
          expectSame(claimed.recovered, false, "recovered of a first claim");
          expectSame(claimed.lease.taskId, id, "the id in the lease");
          expectThat(
            typeof claimed.lease.token === "string" && claimed.lease.token !== "",
            "the lease has no token",
          );
          const task = await read(context.connect(), id);
          const {
            status,
            attempts,
            lastAttemptAt,
            leaseUntil,
            workerId,
            updatedAt,
            run,
            failures,
            recoveries,
          } = task;
          expectSame(
            { status, attempts, lastAttemptAt, leaseUntil, workerId, updatedAt, run, failures, recoveries },
            {
              status: "RUNNING",
              attempts: 1,
              lastAttemptAt: new Date(now),
              leaseUntil: new Date(now + 1234),
              workerId: "worker 7",
              updatedAt: new Date(now),
              run: 1,
              failures: 0,
              recoveries: 0,
            },
            "the claimed task on another instance",
          );
          const { record } = claimed;
          expectSame(
            [record.status, record.attempts, record.lastAttemptAt, record.leaseUntil, record.workerId],
            ["RUNNING", 1, now, now + 1234, "worker 7"],
            "the record that dequeue returned",
          );
          expectSame(store.decodePayload(record), [1, 2], "the payload that dequeue returned");
        },
      },
      {
        name: "a reader during claims never sees a mix",
        async run(context) {
          const ids = await enqueueMany(context.store, 60);
          const reader = context.connect();
          const claims = Promise.all(context.connectMany(3).map((store) => claimAll(store, 20)));
          let done = false;
          void claims.then(
            () => (done = true),
            () => (done = true),
          );
          for (let look = 0; !done || look < ids.length; look++) {
            const { id, status, attempts, leaseUntil, workerId, lastAttemptAt } = await read(
              reader,
              ids[look % ids.length] ?? "",
            );
            const set = [attempts === 1, leaseUntil !== null, workerId !== null, lastAttemptAt !== null];
            expectSame(
              set,
              Array(4).fill(status === "RUNNING"),
              `attempts, lease, worker, instant set on ${id} seen ${status}`,
            );
          }
          await claims;
        },
      },
    ],
  },
];

async function claimAll(store: Parameters<typeof claim>[0], times: number): Promise<void> {
  for (let time = 0; time < times; time++) await claim(store);
}
