import type { BaseStorage, ClaimedTask } from "@omniq/core/storage";
import { expectSame, expectThat } from "../expect.ts";
import { runHistories } from "../model/histories.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { LEASE_MS, claimOne, complete, enqueueOne, fail, release, retry, settled } from "../steps.ts";

/** A walk may take it over any number of times. */
const ONE = { id: "one", policies: { maxRecoveries: 1000 } };

const STEPS = 300;

/** The rule about the order of tokens. */
export const leaseTokenRules: readonly Rule[] = [
  {
    id: "LSE-1",
    level: "required",
    kinds: ["model"],
    since: "1.0",
    topic: "lease",
    statement:
      "Tokens of one task id are never reused and are totally ordered, across retries, release, reschedule, interval " +
      "re-runs, attempts reset, delete + re-enqueue.",
    why: "A token that comes again lets a forgotten holder settle the work of another.",
    checks: [
      { name: "random histories against a model", run: (context) => runHistories(context, "tokens") },
      {
        name: "each way back to a claim gives a greater token",
        async run(context) {
          const { store } = context;
          await enqueueOne(store, ONE);
          let last = "";
          for (const [what, again] of WAYS_BACK) {
            const task = await claimOne(store);
            expectThat(
              task.lease.token > last,
              `the token ${task.lease.token} follows ${last}, before ${what}`,
            );
            last = task.lease.token;
            await again(context, task);
          }
          expectThat((await claimOne(store)).lease.token > last, `the last token does not follow ${last}`);
        },
      },
      {
        name: `a random walk of ${STEPS} steps over two instances`,
        async run(context) {
          const stores = [context.store, context.connect()];
          await enqueueOne(context.store, ONE);
          let last = "";
          for (let step = 0; step < STEPS; step++) {
            const store = stores[Math.floor(context.random() * 2)] as BaseStorage;
            const [what, again] = WAYS_BACK[
              Math.floor(context.random() * WAYS_BACK.length)
            ] as (typeof WAYS_BACK)[number];
            const task = await claimOne(store);
            expectThat(
              task.lease.token > last,
              `step ${step}: the token ${task.lease.token} follows ${last}, before ${what}`,
            );
            last = task.lease.token;
            await again(context, task);
          }
        },
      },
      {
        name: "interval re-runs",
        async run(context) {
          const { store } = context;
          const recurrence = {
            everyMs: 1000,
            cadence: "after",
            missed: "skip",
            onFailure: "continue",
          } as const;
          const tokens: string[] = [];
          await enqueueOne(store, { recurrence });
          for (let run = 0; run < 5; run++) {
            const task = await claimOne(store);
            tokens.push(task.lease.token);
            await settled(store, task, run % 2 === 0 ? complete() : fail());
            await context.advance(1000);
          }
          expectSame(tokens, [...new Set(tokens)].toSorted(), "the tokens of 5 runs");
        },
      },
    ],
  },
];

/** Each brings the claimed task "one" back to where it can be claimed. */
const WAYS_BACK: readonly [string, (context: RuleContext, task: ClaimedTask) => Promise<void>][] = [
  ["a retry", async ({ store }, task) => settled(store, task, retry(0))],
  ["a release", async ({ store }, task) => settled(store, task, release)],
  ["a reschedule", async ({ store, now }) => store.reschedule("one", new Date(now))],
  [
    "a success and a reschedule",
    async ({ store, now }, task) => {
      await settled(store, task, complete());
      await store.reschedule("one", new Date(now));
    },
  ],
  [
    "a failure and a new run",
    async ({ store }, task) => {
      await settled(store, task, fail());
      await store.retryTask("one");
    },
  ],
  [
    "a cancel and a new run",
    async ({ store }) => {
      await store.cancel("one");
      await store.retryTask("one");
    },
  ],
  [
    "a deletion and another enqueue",
    async ({ store }) => {
      await store.deleteTask("one", { force: true });
      await enqueueOne(store, ONE);
    },
  ],
  [
    "a take-over that is released",
    async (context) => {
      await context.advance(LEASE_MS);
      await settled(context.store, await claimOne(context.store), release);
    },
  ],
];
