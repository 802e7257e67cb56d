import type { BaseStorage } from "@omniq/core/storage";
import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { taskIn } from "../states.ts";
import {
  claimOne,
  complete,
  enqueueOne,
  newTask,
  offer,
  read,
  readResult,
  settle,
  settled,
  started,
} from "../steps.ts";
import { EVERY_MINUTE } from "./every-minute.ts";

/** The ways in which an id can come to be used again. */
const REUSES: readonly (readonly [string, (store: BaseStorage) => Promise<unknown>])[] = [
  ["enqueue", (store) => enqueueOne(store, { id: "one", payload: "the later" })],
  [
    "enqueue in a group",
    (store) =>
      store.enqueue({ groups: [[newTask({ id: "two" }), newTask({ id: "one", payload: "the later" })]] }),
  ],
  ["schedule", (store) => store.schedule({ ...newTask({ recurrence: EVERY_MINUTE }), id: "one" })],
  [
    "a settlement that creates it",
    async (store) => {
      const parent = await started(store, { id: "parent", queue: "parents" });
      const enqueue = [newTask({ id: "one", payload: "the later" })];
      await store.settle({ settlements: [{ task: parent, outcome: complete(), enqueue }] });
    },
  ],
];

/** The rule about ids that are used again. */
export const resultReuseRules: readonly Rule[] = [
  {
    id: "RES-5",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "results",
    statement:
      "A task created under an id that was used before starts without results: what an earlier task of that id left goes " +
      "in the same step.",
    why: "Its run number starts at 1 again, so a waiter would be given the earlier task's result.",
    checks: [
      ...REUSES.map(([what, reuse]) => ({
        name: `after a purge, by ${what}`,
        async run(context: RuleContext) {
          const { store } = context;
          await leaveTwoResults(context);
          await context.advance(1);
          expectSame(await store.purge({ before: context.now }), 1, "tasks purged");
          expectSame((await readResult(store, "one")).run, 2, "the run of the result that outlives its task");
          await reuse(context.connect());
          await expectNone(store, `a new task under the same id, by ${what}`);
          expectSame((await read(store, "one")).run, 1, "the run of the new task");
        },
      })),
      {
        name: "after the row went with its success",
        async run({ store }) {
          await settled(
            store,
            await started(store, { id: "one", policies: { keep: "result" } }),
            complete("left"),
          );
          expectSame(await store.getTask("one"), null, "a task of which only the result is kept");
          expectSame((await readResult(store, "one")).value, "left", "its result");
          await enqueueOne(store, { id: "one" });
          await expectNone(store, "a new task under the same id");
        },
      },
      {
        name: "deleteTask takes the results along",
        async run(context) {
          await leaveTwoResults(context);
          await context.store.deleteTask("one");
          await expectNone(context.connect(), "deleteTask");
          await enqueueOne(context.store, { id: "one" });
          await expectNone(context.connect(), "deleteTask and a new task under the same id");
        },
      },
      {
        name: "a call that creates nothing takes nothing along",
        async run({ store }) {
          await taskIn(store, "SUCCESS", "one");
          const same = newTask({ id: "one", queue: "queue of one" });
          expectSame((await offer(store, same)).status, "existing", "the answer to the same task again");
          await offer(store, { ...same, payload: "other" });
          await store.enqueue({ groups: [[newTask({ id: "two" }), { ...same, payload: "other" }]] });
          expectSame((await readResult(store, "one", 1)).value, "done", "the result of the task that stands");
        },
      },
      {
        name: "in the same step: no reader sees the new task with the old result",
        async run(context) {
          const { store } = context;
          const readers = context.connectMany(3);
          for (let round = 0; round < 20; round++) {
            await settled(store, await started(store, { id: "one", payload: round }), complete(round));
            await context.advance(1);
            await store.purge({ before: context.now });
            const looks = readers.map(async (reader) => {
              const task = await reader.getTask("one");
              const result = await reader.getResult("one", { run: 1 });
              expectThat(
                task === null || result === null,
                `a reader saw the new task ${task?.status} with the earlier task's result`,
              );
            });
            await Promise.all([enqueueOne(store, { id: "one", payload: "the later" }), ...looks]);
            const later = await claimOne(store);
            expectSame(
              (await settle(store, later, complete("later"))).status,
              "settled",
              "the later task's end",
            );
            expectSame((await readResult(store, "one", 1)).value, "later", "the later task's result");
            await store.deleteTask("one");
          }
        },
      },
    ],
  },
];

/** A task that has ended in its run 2, with a result for each. */
async function leaveTwoResults({ store, now }: RuleContext): Promise<void> {
  await settled(store, await started(store, { id: "one", payload: "the earlier" }), complete("first"));
  await store.reschedule("one", new Date(now));
  await settled(store, await claimOne(store), complete("second"));
}

async function expectNone(store: BaseStorage, after: string): Promise<void> {
  const left = [null, 1, 2].map((run) => store.getResult("one", run === null ? {} : { run }));
  const values = (await Promise.all(left)).map((result) => result?.value ?? null);
  expectSame(values, [null, null, null], `the results (latest, run 1, run 2) after ${after}`);
}
