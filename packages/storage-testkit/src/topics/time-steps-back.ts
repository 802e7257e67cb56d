import { expectSame, expectThat } from "../expect.ts";
import type { Check } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import {
  LEASE_MS,
  claim,
  claimOne,
  complete,
  countOf,
  enqueue,
  enqueueOne,
  expectNoClaim,
  idsOf,
  read,
  renew,
  retry,
  settle,
  settled,
  started,
} from "../steps.ts";
import { EVERY_MINUTE } from "./every-minute.ts";

const HOUR = 3_600_000;

/** What must hold when the clock goes back by an hour. */
export const stepsBack: readonly Check[] = [
  {
    name: "a live lease is not taken over, nor cut short by its holder",
    async run(context) {
      const { store } = context;
      const task = await started(store);
      const until = context.now + LEASE_MS;
      await stepBack(context);
      await expectNoClaim(store, "its lease was live when the clock stepped back");
      const answer = await renew(store, task);
      expectSame(answer, { status: "renewed", until }, "renew after the clock stepped back");
      await context.advance(HOUR + LEASE_MS - 1);
      await expectNoClaim(store, "its lease lasts 1 ms longer by the clock that it was given by");
      await settled(store, task, complete());
    },
  },
  {
    name: "a lease that had lapsed is at most live again, and its holder still counts",
    async run(context) {
      const { store } = context;
      const task = await started(store);
      await context.advance(LEASE_MS);
      await stepBack(context);
      const taken = await claim(store, { limit: 5 });
      const answer = await settle(store, task, complete());
      expectSame(
        answer.status,
        taken.length === 0 ? "settled" : "lost",
        `the holder's settle, ${taken.length} tasks having been taken over`,
      );
    },
  },
  {
    name: "no task is lost: all come once the clock has come back to their time",
    async run(context) {
      const { store } = context;
      const [due, later] = (await enqueue(store, {}, { due: { inMs: 1000 } })) as [string, string];
      const retried = await started(store, { queue: "other" });
      await settled(store, retried, retry(2000));
      const series = await started(store, { queue: "other", recurrence: EVERY_MINUTE });
      await stepBack(context);
      await settled(store, series, complete());
      const eta = (await read(store, series.record.id)).schedule.eta.getTime();
      expectThat(eta > context.now, `the next run of a series is due ${context.now - eta} ms before now`);
      const meanwhile = await enqueueOne(store);
      expectSame(await countOf(store), 5, "tasks stored after the clock stepped back");
      expectSame(idsOf(await claim(store, { limit: 5 })), [meanwhile], "tasks claimed meanwhile");
      await context.advance(HOUR + 2000);
      const queues = [
        { name: "work", limit: 9 },
        { name: "other", limit: 9 },
      ];
      const found = idsOf(await claim(store, { queues, limit: 9 }));
      const all = [due, later, meanwhile, retried.record.id, series.record.id];
      expectSame(found.toSorted(), all.toSorted(), "tasks claimed once the clock had come back");
      expectSame(await countOf(store), 5, "tasks stored in the end");
    },
  },
  {
    name: "order stays by due time, tokens and sequences go on rising",
    async run(context) {
      const { store } = context;
      const before = await started(store, { queue: "other" });
      const [second, third] = (await enqueue(store, {}, {})) as [string, string];
      await stepBack(context);
      const first = await enqueueOne(store);
      const released = await settle(store, before, { kind: "release", due: { inMs: 0 } });
      expectSame(released.status, "settled", "release after the clock stepped back");
      const again = await claimOne(store, { queue: "other" });
      expectThat(
        again.lease.token > before.lease.token,
        `the token ${again.lease.token} follows ${before.lease.token} after the clock stepped back`,
      );
      await context.advance(HOUR);
      const order = idsOf(await claim(store, { limit: 9 }));
      const wanted = [first, second, third];
      if (context.capabilities.strictOrder) expectSame(order, wanted, "the order in which tasks came back");
      else expectSame(order.toSorted(), wanted.toSorted(), "the tasks that came back");
      const { events } = await store.queryEvents({ taskId: before.record.id });
      expectSame(
        events.map(({ type }) => type),
        ["enqueued", "started", "released", "started"],
        "the events of a task, in the order in which they happened",
      );
    },
  },
];

async function stepBack(context: RuleContext): Promise<void> {
  await context.setTime(context.now - HOUR);
}
