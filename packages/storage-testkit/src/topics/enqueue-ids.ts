import { expectSame, expectThat } from "../expect.ts";
import { interceptHook } from "../hooks.ts";
import type { Rule } from "../rule.ts";
import { enqueueOne, read } from "../steps.ts";

/** The rule about ids. */
export const enqueueIdRules: readonly Rule[] = [
  {
    id: "ENQ-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "enqueue",
    statement:
      "A caller-supplied id is kept byte for byte; otherwise ids are generated *client-side before the call* and " +
      "100,000 from 4 instances are distinct.",
    why: "Only an id that exists before the call lets a caller repeat a call whose reply was lost.",
    checks: [
      {
        name: "a given id is kept byte for byte",
        async run(context) {
          const ids = ["7", "007", " 7 ", "Order", "order", "é", "e\u0301", "🜁", "task:1/2", "x".repeat(255)];
          for (const id of ids) await enqueueOne(context.store, { id });
          const other = context.connect();
          for (const id of ids) expectSame((await read(other, id)).id, id, "the id that getTask returned");
        },
      },
      {
        name: "an id left out is minted before the store is asked",
        async run({ store }) {
          const asked: unknown[] = [];
          interceptHook(store, "doEnqueue", async (args, original) => {
            asked.push(...(args[0] as { groups: { id: string }[][] }).groups.flat().map(({ id }) => id));
            return original(...args);
          });
          const { groups } = await store.enqueue({ groups: [[{ name: "x" }]] });
          const answer = groups[0]?.[0];
          expectThat(answer?.status === "created", "a task without an id was not created");
          expectSame(asked, [answer.id], "the ids that the store was asked to insert");
        },
      },
      {
        name: "100,000 ids from 4 instances are distinct",
        async run(context) {
          const batch = Array.from({ length: 1000 }, () => ({ name: "x" }));
          const ids = new Set<string>();
          const stores = [1, 2, 3, 4].map(() => context.connect({ events: "off" }));
          await Promise.all(
            stores.map(async (store) => {
              for (let call = 0; call < 25; call++) {
                const { groups } = await store.enqueue({ groups: [batch] });
                for (const answer of groups[0] ?? []) {
                  expectThat(
                    answer.status === "created",
                    `a task without an id was answered ${answer.status}`,
                  );
                  ids.add(answer.id);
                }
              }
            }),
          );
          expectSame(ids.size, 100_000, "distinct ids among 100,000");
        },
      },
    ],
  },
];
