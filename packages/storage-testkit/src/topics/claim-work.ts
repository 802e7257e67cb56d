import { expectSame, expectThat } from "../expect.ts";
import type { ClaimStep } from "../harness.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { LEASE_MS, claim, enqueueMany } from "../steps.ts";

const LIMIT = 10;
/** What a claim may examine beyond its limit, for each priority that is due. */
const SLACK = 16;

/** Rules about how much a claim looks at. */
export const claimWorkRules: readonly Rule[] = [
  {
    id: "CLM-11",
    level: "recommended",
    kinds: ["unit"],
    since: "1.0",
    topic: "claim",
    statement: "With 10,000 expired leases a claim's work stays bounded.",
    why: "After an outage every lease is over at once; that must not be when claims are slowest.",
    checks: [
      {
        name: "10,000 leases over, ten claimed",
        door: "claimWork",
        async run(context) {
          const { store } = context;
          await enqueueThousands(context, 10, {});
          for (let batch = 0; batch < 10; batch++) await claim(store, { limit: 1000 });
          await context.advance(LEASE_MS);
          await context.place.claimWork?.();
          expectSame((await claim(store, { limit: LIMIT })).length, LIMIT, "tasks taken over");
          await expectBounded(context, "lapsed", 1, "10,000 leases being over");
        },
      },
    ],
  },
  {
    id: "CLM-12",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "claim",
    statement:
      "100,000 future tasks at top priority do not raise a claim's work. For both, the harness's `claimWork()` says what " +
      "one claim examined (rows, elements, records), at most limit + 16 for each distinct due priority; a store that " +
      "cannot count shows its plan with both bounds in the index. A million is for W5.",
    why: "A campaign scheduled for tomorrow must not slow down the work of today.",
    checks: [
      {
        name: "100,000 tasks due later, 200 due now at two lower priorities",
        door: "claimWork",
        async run(context) {
          const { store } = context;
          await enqueueThousands(context, 100, { priority: 100, due: { inMs: 3_600_000 } });
          await enqueueMany(store, 5, { priority: 1 });
          await enqueueMany(store, 195);
          await context.place.claimWork?.();
          expectSame((await claim(store, { limit: LIMIT })).length, LIMIT, "tasks claimed");
          await expectBounded(context, "due", 2, "100,000 tasks of a higher priority being due later");
          expectSame(
            (await claim(store, { queue: "another", limit: LIMIT })).length,
            0,
            "tasks of another queue",
          );
          await expectBounded(context, "due", 1, "the queue being empty");
        },
      },
    ],
  },
];

/** By what the store counted; or, where it cannot count, by the plan that it makes with the place as it stands. */
async function expectBounded(
  { place, now }: RuleContext,
  finds: ClaimStep["finds"],
  priorities: number,
  why: string,
): Promise<void> {
  if (!place.claimWork) return expectBoundedPlan(await place.claimPlan?.(now), finds, why);
  const examined = await place.claimWork();
  const bound = priorities * (LIMIT + SLACK);
  expectThat(
    examined <= bound,
    `a claim of ${LIMIT} examined ${examined}, ${why}; expected at most ${bound} for ${priorities} due priorities`,
  );
}

/** What must bound each step of a claim, so that neither history nor what is due later costs it anything. */
const BOUNDS: Readonly<Record<ClaimStep["finds"], readonly ClaimStep["bounds"][number][]>> = {
  due: ["queue", "priority", "due"],
  priority: ["queue", "priority"],
  lapsed: ["queue", "lease"],
  taken: ["id"],
};

function expectBoundedPlan(plan: readonly ClaimStep[] = [], wanted: ClaimStep["finds"], why: string): void {
  expectThat(
    plan.some(({ finds }) => finds === wanted),
    `the plan of a claim has no step that finds what is ${wanted}, ${why}`,
  );
  for (const { text, index, bounds, finds } of plan) {
    expectThat(index !== null, `a claim goes over the whole table, ${why}: ${text}`);
    for (const bound of BOUNDS[finds]) {
      expectThat(bounds.includes(bound), `a claim's index is not bounded by ${bound}, ${why}: ${text}`);
    }
  }
}

async function enqueueThousands(
  { store }: RuleContext,
  thousands: number,
  task: Parameters<typeof enqueueMany>[2],
): Promise<void> {
  for (let batch = 0; batch < thousands; batch++) await enqueueMany(store, 1000, task);
}
