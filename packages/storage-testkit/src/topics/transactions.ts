import { expectRejection, expectSame } from "../expect.ts";
import type { Place, PlaceTransaction } from "../harness.ts";
import type { Check, Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { countOf, enqueueOne, newTask } from "../steps.ts";
import { eventually } from "../within.ts";

/** Rules about tasks that are enqueued within a transaction of the application's. */
export const transactionRules: readonly Rule[] = [
  {
    id: "ENQ-10",
    level: "capability",
    kinds: ["unit"],
    since: "1.0",
    topic: "enqueue",
    statement:
      "Tasks enqueued `via` a transaction of the application exist if and only if it commits, and workers are woken after " +
      "the commit [transactions]. A refused task leaves the transaction as it was.",
    why: "An order without its mail, and a mail about an order that was rolled back, are both wrong, and both happen.",
    capability: "transactions",
    checks: [
      inTransaction("nobody sees them before the commit, everybody after it", async (context, begin) => {
        const { via, commit } = await begin();
        await context.store.enqueue({ groups: [[newTask(), newTask()], [newTask()]], via });
        expectSame(await countOf(context.connect()), 0, "tasks seen before the commit");
        await commit();
        expectSame(await countOf(context.connect()), 3, "tasks seen after the commit");
      }),
      inTransaction("a transaction that is rolled back leaves none", async (context, begin) => {
        const { via, rollBack } = await begin();
        await context.store.enqueue({ groups: [[newTask({ id: "one" })]], via });
        await rollBack();
        expectSame(await countOf(context.store), 0, "tasks after the transaction was rolled back");
        await enqueueOne(context.store, { id: "one", payload: "other content" });
      }),
      inTransaction("a refused task leaves the transaction as it was", async (context, begin) => {
        await enqueueOne(context.store, { id: "one", payload: 1 });
        const { via, commit } = await begin();
        const twin = newTask({ id: "one", payload: 2 });
        const { groups } = await context.store.enqueue({ groups: [[newTask(), twin]], via });
        expectSame(
          groups[0]?.map(({ status }) => status),
          ["error", "error"],
          "the answers of a group with a duplicate",
        );
        await context.store.enqueue({ groups: [[newTask()]], via });
        await commit();
        expectSame(await countOf(context.store), 2, "tasks after the commit");
      }),
      inTransaction("workers elsewhere are woken after the commit", async (context, begin) => {
        const { via, commit } = await begin();
        const elsewhere = context.connect();
        let found = 0;
        await elsewhere.watch(() => void countOf(elsewhere).then((count) => (found = count)));
        await context.store.enqueue({ groups: [[newTask()]], via });
        await commit();
        const isFound = async (): Promise<boolean> => found === 1;
        await eventually(
          isFound,
          "a store that watches has not been told of the task after the commit,",
          context.livenessMs,
        );
      }),
      {
        name: "what is no transaction is refused",
        needs: "transactions",
        async run({ store }) {
          const enqueued = store.enqueue({ groups: [[newTask()]], via: {} });
          await expectRejection(
            enqueued,
            { code: "invalid_via" },
            "enqueue via an object that is no transaction",
          );
          expectSame(await countOf(store), 0, "tasks stored by a call that was refused");
        },
      },
    ],
  },
];

function inTransaction(
  name: string,
  run: (context: RuleContext, begin: () => Promise<PlaceTransaction>) => Promise<void>,
): Check {
  return {
    name,
    needs: "transactions",
    door: "transactions",
    async run(context) {
      await context.store.countTasks();
      await run(context, () => (context.place as Required<Place>).begin());
    },
  };
}
