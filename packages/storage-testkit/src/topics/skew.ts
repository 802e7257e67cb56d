import { ManualClock } from "@omniq/core/testing";
import type { BaseStorage } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import {
  LEASE_MS,
  claim,
  claimOne,
  enqueueOne,
  expectNoClaim,
  read,
  renew,
  retry,
  settled,
  started,
} from "../steps.ts";

const HOUR = 3_600_000;

/** An instance in a process whose clock is wrong by so much. */
function skewed(context: RuleContext, byMs: number): BaseStorage {
  return context.connectAt(context.place.config, {
    events: "all",
    clock: new ManualClock(context.now + byMs),
  });
}

/** Rules about workers whose clocks are wrong. */
export const skewRules: readonly Rule[] = [
  {
    id: "LSE-12",
    level: "required",
    kinds: ["clock"],
    since: "1.0",
    topic: "lease",
    statement:
      "Worker clock skew of ±1 h causes no early takeover, nor early or late retries and delays [serverTime]; without " +
      "serverTime the documented bound holds.",
    why: "Clocks of hosts differ, and a host that is an hour ahead must not take everybody's work away.",
    checks: [
      ...[-HOUR, HOUR].map((skew) => ({
        name: `one worker's clock is ${skew > 0 ? "ahead" : "behind"} by an hour, and the server's counts`,
        needs: "serverTime" as const,
        async run(context: RuleContext) {
          const { store } = context;
          const wrong = skewed(context, skew);
          const due = await enqueueOne(wrong, { due: { inMs: 1000 } });
          expectSame(
            (await read(store, due)).schedule.eta,
            new Date(context.now + 1000),
            "the due time in a second, by the wrong clock's worker",
          );
          for (const worker of [store, wrong])
            await expectNoClaim(worker, "it is due in a second by the server's clock");
          await context.advance(1000);
          const task = await claimOne(wrong);
          expectSame(
            (await read(store, due)).leaseUntil,
            new Date(context.now + LEASE_MS),
            "the end of the lease",
          );
          for (const worker of [store, wrong])
            await expectNoClaim(worker, "its lease holds by the server's clock");
          const renewed = await renew(wrong, task);
          expectSame(renewed, { status: "renewed", until: context.now + LEASE_MS }, "the answer to renew");
          await settled(wrong, task, retry(5000));
          expectSame(
            (await read(store, due)).schedule.eta,
            new Date(context.now + 5000),
            "the retry in 5 s, by the wrong clock's worker",
          );
          for (const worker of [store, wrong])
            await expectNoClaim(worker, "its retry is due in 5 s by the server's clock");
          await context.advance(5000);
          expectSame((await claim(wrong)).length, 1, "tasks claimed when the retry is due");
        },
      })),
      {
        name: "a worker's clock is ahead by an hour, and its own counts: it takes over by no more than the skew early",
        without: "serverTime",
        async run(context) {
          const ahead = skewed(context, HOUR);
          const task = await started(context.store, {}, { leaseMs: HOUR + 1000 });
          await expectNoClaim(ahead, "by its clock, an hour ahead, the lease holds for a second");
          const later = skewed(context, HOUR + 1000);
          const taken = await claimOne(later);
          expectSame(
            taken.record.id,
            task.record.id,
            "the task taken over at the lease's end by the clock an hour ahead",
          );
        },
      },
      {
        name: "a worker's clock is behind by an hour, and its own counts: it is late by no more than the skew",
        without: "serverTime",
        async run(context) {
          const behind = skewed(context, -HOUR);
          const id = await enqueueOne(context.store);
          await expectNoClaim(behind, "it is due in an hour by its clock, an hour behind");
          expectSame(
            (await claimOne(skewed(context, 0))).record.id,
            id,
            "the task claimed by a clock that is right",
          );
        },
      },
    ],
  },
];
