import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  LEASE_MS,
  QUEUE,
  claim,
  claimOne,
  complete,
  enqueue,
  enqueueOne,
  expectNoClaim,
  fail,
  idsOf,
  read,
  release,
  retry,
  settled,
  started,
} from "../steps.ts";

/** Rules about tasks that no claim may touch. */
export const claimNeverRules: readonly Rule[] = [
  {
    id: "CLM-10",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "claim",
    statement: "A future-ETA task is never held by a lease (kombu #337 class).",
    why: "A lease on a task that is not due yet lapses before the task runs, and the task runs twice.",
    checks: [
      {
        name: "claims leave tasks of the future alone",
        async run(context) {
          const { store } = context;
          const [later] = await enqueue(store, { due: { inMs: 3_600_000 }, priority: 100 }, {});
          expectSame(
            (await claim(store, { limit: 10 })).length,
            1,
            "tasks returned, one being due and one not",
          );
          await expectFree(context.connect(), later as string, "a task that is not due");
        },
      },
      {
        name: "a retry, a release and a reschedule into the future leave no lease",
        async run({ store, now }) {
          const retried = await started(store);
          await settled(store, retried, retry(60_000));
          const released = await started(store);
          await settled(store, released, { kind: "release", due: { inMs: 60_000 } });
          const rescheduled = await started(store);
          await store.reschedule(rescheduled.record.id, new Date(now + 60_000));
          for (const { record } of [retried, released, rescheduled])
            await expectFree(store, record.id, "a task put off");
          await expectNoClaim(store, "all were put off");
        },
      },
    ],
  },
  {
    id: "CLM-7",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "claim",
    statement: "CANCELLED, finished and held tasks, and tasks of a paused queue, are never returned.",
    why: "Cancelling, holding and pausing are promises to a person that nothing runs.",
    checks: [
      {
        name: "cancelled and finished tasks, however late",
        async run(context) {
          const { store } = context;
          await store.cancel(await enqueueOne(store));
          await settled(store, await started(store), complete());
          await settled(store, await started(store), fail());
          const cancelledWhileRunning = await started(store);
          await store.cancel(cancelledWhileRunning.record.id);
          for (const ms of [0, LEASE_MS, 86_400_000]) {
            await context.advance(ms);
            await expectNoClaim(store, "all tasks are cancelled or finished");
          }
        },
      },
      {
        name: "held tasks, until the last reason is gone",
        async run({ store }) {
          const id = await enqueueOne(store);
          await store.hold(id, "paused");
          await store.hold(id, "waiting for parents");
          await store.hold(id, "paused");
          expectSame((await read(store, id)).holds, ["paused", "waiting for parents"], "holds");
          await expectNoClaim(store, "two reasons hold it");
          await store.unhold(id, "paused");
          await expectNoClaim(store, "one reason still holds it");
          await store.unhold(id, "waiting for parents");
          expectSame(idsOf(await claim(store)), [id], "tasks returned once nothing holds it");
        },
      },
      {
        name: "tasks of a paused queue, lapsed leases included",
        async run(context) {
          const { store } = context;
          const running = await started(store);
          const waiting = await enqueueOne(store);
          await context.connect().pauseQueue(QUEUE);
          await context.advance(LEASE_MS);
          await expectNoClaim(store, "the queue is paused");
          expectSame(
            (await store.dequeue({ limit: 10, workerId: "w", leaseMs: 1 })).tasks,
            [],
            "tasks of all queues",
          );
          await store.resumeQueue(QUEUE);
          expectSame(
            idsOf(await claim(store, { limit: 10 })).toSorted(),
            [running.record.id, waiting].toSorted(),
            "after resume",
          );
        },
      },
      {
        name: "released and retried tasks are, once due",
        async run(context) {
          const { store } = context;
          const task = await started(store);
          await settled(store, task, release);
          await settled(store, await claimOne(store), retry(10));
          await context.advance(10);
          expectSame(idsOf(await claim(store)), [task.record.id], "tasks returned");
        },
      },
    ],
  },
];

async function expectFree(store: Parameters<typeof read>[0], id: string, what: string): Promise<void> {
  const { status, leaseUntil, workerId } = await read(store, id);
  expectSame(
    { status, leaseUntil, workerId },
    { status: "PENDING", leaseUntil: null, workerId: null },
    `${what} (${id})`,
  );
}
