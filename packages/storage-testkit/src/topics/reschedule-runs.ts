import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { STATUSES, taskIn } from "../states.ts";
import { LEASE_MS, claimOne, complete, fail, read, retry, settled } from "../steps.ts";

/** The rule about what a reschedule does to runs and counters. */
export const rescheduleRunRules: readonly Rule[] = [
  {
    id: "RSC-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "reschedule",
    statement:
      "From PENDING, RUNNING, FAILED counters are kept; from SUCCESS or CANCELLED a new run starts with counters 0 and " +
      "still a fresh, greater token.",
    why: "A retry that forgets its failures never ends; a finished task run anew must not look like a retry.",
    checks: [
      {
        name: "run and counters, from every state",
        async run(context) {
          const { store } = context;
          for (const status of STATUSES) {
            const { id, queue } = await taskIn(store, "RUNNING", status);
            await context.advance(LEASE_MS);
            await settled(store, await claimOne(store, { queue }), retry(0));
            let token = "";
            if (status !== "PENDING") {
              const last = await claimOne(store, { queue });
              token = last.lease.token;
              if (status === "SUCCESS") await settled(store, last, complete());
              if (status === "FAILED") await settled(store, last, fail());
              if (status === "CANCELLED") await store.cancel(id);
            }
            const before = await read(store, id);
            expectSame(
              [before.status, before.recoveries],
              [status, 1],
              "the task before reschedule: status, recoveries",
            );
            await store.reschedule(id, new Date(context.now));
            const { run, attempts, failures, recoveries } = await read(store, id);
            const anew = status === "SUCCESS" || status === "CANCELLED";
            expectSame(
              { run, attempts, failures, recoveries },
              anew
                ? { run: 2, attempts: 0, failures: 0, recoveries: 0 }
                : {
                    run: 1,
                    attempts: before.attempts,
                    failures: before.failures,
                    recoveries: before.recoveries,
                  },
              `run and counters of a ${status} task after reschedule`,
            );
            const next = await claimOne(store, { queue });
            expectSame(
              next.lease.token > token,
              true,
              `the token after reschedule of a ${status} task is greater`,
            );
            expectSame(
              next.record.attempts,
              attempts + 1,
              `attempts of the claim after reschedule of a ${status} task`,
            );
          }
        },
      },
      {
        name: "a finished run keeps its result, a failed one that goes on has none yet",
        async run({ store, now }) {
          const done = await taskIn(store, "SUCCESS", "done");
          await store.reschedule(done.id, new Date(now));
          expectSame(
            (await store.getResult(done.id, { run: 1 }))?.value,
            "done",
            "the result of run 1 of a task on its run 2",
          );
          const failed = await taskIn(store, "FAILED", "failed");
          await store.reschedule(failed.id, new Date(now));
          expectSame(
            await store.getResult(failed.id, { run: 1 }),
            null,
            "the result of a failed run that goes on",
          );
        },
      },
    ],
  },
];
