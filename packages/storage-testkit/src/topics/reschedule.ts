import { expectRejection, expectSame } from "../expect.ts";
import type { Check, Rule } from "../rule.ts";
import { STATUSES, taskIn } from "../states.ts";
import {
  claim,
  claimOne,
  complete,
  countOf,
  enqueueOne,
  expectNoClaim,
  idsOf,
  read,
  settled,
} from "../steps.ts";

/** Point 4 of the checklist. */
export const rescheduleSetsEta: Check = {
  name: "the eta becomes the one given, ahead or past",
  async run(context) {
    const { store } = context;
    const id = await enqueueOne(store, { due: { inMs: 5000 } });
    for (const eta of [context.now + 60_000, context.now - 60_000, 0, Date.UTC(9999, 11, 31)]) {
      await store.reschedule(id, new Date(eta));
      expectSame(
        (await read(context.connect(), id)).schedule.eta,
        new Date(eta),
        "schedule.eta on another instance",
      );
    }
    await store.reschedule(id, new Date(context.now + 1000));
    await context.advance(999);
    await expectNoClaim(store, "it was rescheduled to 1 ms later");
    await context.advance(1);
    expectSame(idsOf(await claim(store)), [id], "tasks that dequeue returned at the new eta");
  },
};

/** Point 5 of the checklist. */
export const rescheduleSetsPending: Check = {
  name: "the status becomes PENDING, from every state",
  async run(context) {
    const { store } = context;
    for (const status of STATUSES) {
      const { id, queue } = await taskIn(store, status, status);
      await context.advance(5);
      await store.reschedule(id, new Date(context.now + 10));
      const task = await read(context.connect(), id);
      expectSame(
        {
          status: task.status,
          finishedAt: task.finishedAt,
          leaseUntil: task.leaseUntil,
          workerId: task.workerId,
        },
        { status: "PENDING", finishedAt: null, leaseUntil: null, workerId: null },
        `the rescheduled ${status} task`,
      );
      expectSame(task.updatedAt, new Date(context.now), `updatedAt of the rescheduled ${status} task`);
      await expectNoClaim(store, "it was rescheduled to a later instant", { queue });
      await context.advance(10);
      await settled(store, await claimOne(store, { queue }), complete());
    }
  },
};

/** Point 6 of the checklist. */
export const rescheduleRefusesMissing: Check = {
  name: "an unknown id rejects NotFoundError, and makes no task",
  async run({ store, now }) {
    await enqueueOne(store, { id: "one" });
    for (const id of ["missing", "ONE", "%", "one' OR '1'='1"]) {
      const refusal = { name: "NotFoundError", code: "not_found", taskId: id };
      const error = await expectRejection(
        store.reschedule(id, new Date(now)),
        refusal,
        `reschedule of ${JSON.stringify(id)}`,
      );
      expectSame(error.message, `Task ${id} not found`, "the message");
    }
    expectSame(await countOf(store), 1, "tasks stored");
  },
};

/** Rules about rescheduling. */
export const rescheduleRules: readonly Rule[] = [
  {
    id: "RSC-1",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "reschedule",
    statement:
      "Sets eta, PENDING, updatedAt; keeps id, payload, queue, priority, createdAt; past eta ⇒ claimable now; unknown id " +
      "⇒ `NotFoundError` (affected rows are checked).",
    why: 'Retries, delays and an operator\'s "run it now" all stand on this one call.',
    checks: [
      rescheduleSetsEta,
      rescheduleSetsPending,
      rescheduleRefusesMissing,
      {
        name: "everything else is kept",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store, {
            payload: { order: 7 },
            queue: "mail",
            priority: 5,
            timeoutMs: 1e3,
            maxRetries: 1,
            headers: { a: "b" },
            recurrence: {
              everyMs: 1e3,
              cadence: "after",
              missed: "skip",
              onFailure: "continue",
            },
          });
          const { schedule, updatedAt: _before, ...before } = await read(store, id);
          await context.advance(10);
          await store.reschedule(id, new Date(context.now + 500));
          const { schedule: moved, updatedAt, ...after } = await read(store, id);
          expectSame(after, before, "the rescheduled task, its schedule and updatedAt aside");
          expectSame(moved, { ...schedule, eta: new Date(context.now + 500) }, "its schedule");
          expectSame(updatedAt, new Date(context.now), "its updatedAt");
        },
      },
      {
        name: "a past eta makes it claimable now",
        async run({ store, now }) {
          const id = await enqueueOne(store, { due: { inMs: 86_400_000 } });
          await expectNoClaim(store, "it is due tomorrow");
          await store.reschedule(id, new Date(now - 1));
          expectSame(idsOf(await claim(store)), [id], "tasks that dequeue returned");
        },
      },
      {
        name: "an eta that is no instant is refused, and nothing changes",
        async run({ store }) {
          const id = await enqueueOne(store);
          const before = await read(store, id);
          for (const eta of [
            new Date(Number.NaN),
            new Date(-1),
            new Date(Date.UTC(10_000, 0)),
            "tomorrow",
            null,
          ]) {
            const call = store.reschedule(id, eta as Date);
            await expectRejection(
              call,
              { name: "ValidationError", code: "invalid_eta" },
              `reschedule to ${String(eta)}`,
            );
          }
          expectSame(await read(store, id), before, "the task");
        },
      },
    ],
  },
];
