import type { BaseStorage, ClaimedTask } from "@omniq/core/storage";
import { expectSame, expectThat, show } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { unchanged } from "../snapshot.ts";
import {
  LEASE_MS,
  claimOne,
  complete,
  listAll,
  readResult,
  renew,
  settle,
  settled,
  started,
} from "../steps.ts";
import { OUTCOMES } from "./outcomes.ts";

/** Rules about holders that have lost their lease. */
export const fencingRules: readonly Rule[] = [
  {
    id: "LSE-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "lease",
    statement:
      "complete/fail/extend/release with a superseded token answer lost with the reason (`LeaseLostError` at the queue's " +
      "surface); state, result, error, attempts, events unchanged.",
    why: "A worker that comes back from a long pause would overwrite what its successor did.",
    checks: [
      {
        name: "while the successor runs",
        async run(context) {
          const { store } = context;
          const holder = await started(store);
          await context.advance(LEASE_MS);
          const successor = await claimOne(context.connect());
          await expectFenced(store, holder, "taken_over");
          await settled(store, successor, complete("the successor's"));
        },
      },
      {
        name: "after the successor has finished, whichever way",
        async run(context) {
          const { store } = context;
          for (const [kind, outcome] of Object.entries(OUTCOMES)) {
            const queue = `queue ${kind}`;
            const holder = await started(store, { queue });
            await context.advance(LEASE_MS);
            await settled(context.connect(), await claimOne(store, { queue }), outcome);
            await expectFenced(store, holder, "taken_over");
          }
          const holder = await started(store);
          await context.advance(LEASE_MS);
          await settled(store, await claimOne(store), complete("the successor's"));
          expectSame(
            (await settle(store, holder, complete("mine"))).status,
            "lost",
            "the answer to the first holder",
          );
          expectSame(
            (await readResult(store, holder.record.id)).value,
            "the successor's",
            "the result stored",
          );
        },
      },
      {
        name: "a lease without a token is no lease",
        async run({ store }) {
          const task = await started(store);
          await settled(store, task, { kind: "release" });
          for (const token of [null, undefined, ""]) {
            const forged = { ...task, lease: { ...task.lease, token: token as unknown as string } };
            await unchanged(store, task.record.id, `settle with the token ${show(token)}`, async () => {
              const answer = await settle(store, forged, complete());
              expectThat(
                answer.status === "lost" || answer.status === "error",
                `settle with the token ${show(token)} answered ${show(answer)}`,
              );
            });
          }
        },
      },
      {
        name: "readers never learn a token",
        async run({ store }) {
          const { record, lease } = await started(store);
          const seen = show([
            await store.getTask(record.id),
            await listAll(store),
            await store.queryEvents({ taskId: record.id }),
          ]);
          expectThat(!seen.includes(`'${lease.token}'`), `a reader sees the token ${lease.token} in ${seen}`);
        },
      },
    ],
  },
];

/** Every way to use a lease is answered with the reason, and changes nothing. */
export async function expectFenced(store: BaseStorage, holder: ClaimedTask, reason: string): Promise<void> {
  const { id } = holder.record;
  const lost = { status: "lost", reason };
  for (const [kind, outcome] of Object.entries(OUTCOMES)) {
    const answer = await unchanged(store, id, `${kind} with a superseded token`, () =>
      settle(store, holder, outcome),
    );
    expectSame(answer, lost, `the answer to ${kind} with a superseded token`);
  }
  const answer = await unchanged(store, id, "renew with a superseded token", () => renew(store, holder));
  expectSame(answer, lost, "the answer to renew with a superseded token");
}
