import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { LEASE_MS, claim, expectNoClaim, idsOf, read, renew, started } from "../steps.ts";

/** The rule about moving the end of a lease. */
export const leaseRenewRules: readonly Rule[] = [
  {
    id: "LSE-5",
    level: "required",
    kinds: ["clock"],
    since: "1.0",
    topic: "lease",
    statement: "extend sets leaseUntil = max(leaseUntil, now + ttl) and returns it.",
    why: "A heartbeat must never shorten a lease, and the worker must know until when it may work.",
    checks: [
      {
        name: "longer, never shorter",
        async run(context) {
          const { store } = context;
          const task = await started(store);
          const begin = context.now;
          for (const [later, leaseMs, until] of [
            [1000, LEASE_MS, begin + 1000 + LEASE_MS],
            [0, 10, begin + 1000 + LEASE_MS],
            [LEASE_MS, 1001, begin + 1000 + LEASE_MS + 1001],
          ] as const) {
            await context.advance(later);
            expectSame(
              await renew(store, task, leaseMs),
              { status: "renewed", until },
              `the answer to renew for ${leaseMs} ms`,
            );
            expectSame(
              (await read(context.connect(), task.record.id)).leaseUntil,
              new Date(until),
              "leaseUntil on another instance",
            );
          }
          await context.advance(1000);
          await expectNoClaim(store, "its lease was renewed and lasts 1 ms longer");
          await context.advance(1);
          expectSame(idsOf(await claim(store)), [task.record.id], "tasks returned at the renewed end");
        },
      },
      {
        name: "it changes nothing else, and stores the progress reported with it",
        async run(context) {
          const { store } = context;
          const { record, lease } = await started(store);
          const before = await read(store, record.id);
          await context.advance(10);
          const { answers } = await store.renew({ renewals: [{ lease, leaseMs: 1, progress: { done: 3 } }] });
          expectSame(
            answers,
            [{ status: "renewed", until: before.leaseUntil?.getTime() }],
            "the answer to renew",
          );
          const { updatedAt: _after, ...after } = await read(store, record.id);
          const { updatedAt: _before, ...expected } = { ...before, progress: { done: 3 } };
          expectSame(after, expected, "the task after a renew with progress");
          await store.renew({ renewals: [{ lease, leaseMs: 1 }] });
          expectSame(
            (await read(store, record.id)).progress,
            { done: 3 },
            "the progress after a renew without",
          );
        },
      },
    ],
  },
];
