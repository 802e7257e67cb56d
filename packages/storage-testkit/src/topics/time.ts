import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { claimOne, complete, enqueueOne, read, readResult, settled, started } from "../steps.ts";
import { expectNothingMoves } from "./frozen-time.ts";
import { otherZones } from "./time-zones.ts";
import { stepsBack } from "./time-steps-back.ts";

/** The last instant that a due time may name. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Rules about instants and the clock. */
export const timeRules: readonly Rule[] = [
  {
    id: "TIM-1",
    level: "required",
    kinds: ["clock", "process"],
    since: "1.0",
    topic: "time",
    statement:
      "Instants round-trip at declared precision for epoch 0, now, year 9999, and are the same under TZ = UTC, " +
      "America/New_York, Asia/Kathmandu.",
    why: "A due time that is off by a zone, or by a digit, runs the task on another day.",
    checks: [
      {
        name: "due times, at enqueue and at reschedule",
        async run(context) {
          const { store } = context;
          for (const at of instants(context)) {
            const id = await enqueueOne(store, { due: { at }, queue: `queue ${at}` });
            expectSame(
              (await read(context.connect(), id)).schedule.eta,
              new Date(at),
              "the due time enqueued",
            );
            expectSame((await store.nextDue({ queues: [`queue ${at}`] })).at, at, "nextDue");
            await store.reschedule(id, new Date(context.now + 5));
            await store.reschedule(id, new Date(at));
            expectSame(
              (await read(context.connect(), id)).schedule.eta,
              new Date(at),
              "the due time rescheduled",
            );
          }
        },
      },
      {
        name: "the store's own instants, the clock standing there",
        async run(context) {
          for (const instant of [0, context.now, LAST - 86_400_000]) {
            await context.setTime(instant);
            const { store } = context;
            const task = await started(store, { policies: { resultTtlMs: 1000 } }, { leaseMs: 1000 });
            const { id, eta, createdAt, lastAttemptAt, leaseUntil } = task.record;
            expectSame(
              { eta, createdAt, lastAttemptAt, leaseUntil },
              { eta: instant, createdAt: instant, lastAttemptAt: instant, leaseUntil: instant + 1000 },
              "the instants of the record claimed",
            );
            await settled(store, task, complete());
            const found = await read(context.connect(), id);
            const now = new Date(instant);
            expectSame(
              [found.schedule.eta, found.createdAt, found.updatedAt, found.lastAttemptAt, found.finishedAt],
              [now, now, now, now, now],
              "eta, createdAt, updatedAt, lastAttemptAt, finishedAt",
            );
            const { startedAt, finishedAt, expiresAt } = await readResult(context.connect(), id);
            expectSame(
              { startedAt, finishedAt, expiresAt },
              { startedAt: now, finishedAt: now, expiresAt: new Date(instant + 1000) },
              "the instants of the result",
            );
            const { events } = await store.queryEvents({ taskId: id, from: instant, to: instant + 1 });
            expectSame(events.length, 3, `events found by their instant ${instant}`);
          }
        },
      },
      {
        name: "instants in order of time, from the first to the last",
        async run(context) {
          const [first, , last] = instants(context) as [number, number, number];
          const late = await enqueueOne(context.store, { due: { at: last } });
          const early = await enqueueOne(context.store, { due: { at: first } });
          expectSame(
            (await claimOne(context.store)).record.id,
            early,
            "the task claimed, one being due in 1970",
          );
          await context.setTime(last - 1);
          const before = await context.store.dequeue({ limit: 5, workerId: "w", leaseMs: 1 });
          expectThat(
            before.tasks.every(({ record }) => record.id !== late),
            "a task due at the end of the year 9999 was claimed 1 ms before",
          );
        },
      },
      otherZones,
    ],
  },
  {
    id: "TIM-2",
    level: "required",
    kinds: ["audit"],
    since: "1.0",
    topic: "time",
    statement: "With a frozen clock no decision moves (no hidden wall-clock or timer reads).",
    why: "A store that also looks at the machine's clock disagrees with itself, and its tests prove nothing.",
    // Either side of the machine's own clock, so that a look at it would tell.
    checks: [Date.UTC(2001, 0, 1), Date.UTC(2100, 0, 1)].map((instant) => ({
      name: `the clock standing in ${new Date(instant).getUTCFullYear()}`,
      run: (context: RuleContext) => expectNothingMoves(context, instant),
    })),
  },
  {
    id: "TIM-3",
    level: "required",
    kinds: ["clock"],
    since: "1.0",
    topic: "time",
    statement:
      "Clock stepping back 1 h: no live lease is taken over beyond the documented bound, no task lost, order stays valid.",
    why: "Clocks are set back in production, by people and by NTP; work must neither double nor vanish.",
    checks: stepsBack,
  },
];

/** Epoch 0, now, and the last instant of the year 9999, as exactly as the store keeps them. */
function instants({ now, capabilities }: RuleContext): number[] {
  const unit = capabilities.timePrecisionMs;
  return [0, now, LAST].map((instant) => instant - (instant % unit));
}
