import type { BaseStorage } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { Check, Rule } from "../rule.ts";
import { snapshot } from "../snapshot.ts";
import { claimOne, complete, enqueueOne, newTask, read, retry, settled, started } from "../steps.ts";

/** Point 2 of the checklist. */
export const missingIdGivesNull: Check = {
  name: "an unknown id gives null, on an empty store and on one with tasks",
  async run({ store }) {
    const unknown = ["missing", "one ", "ONE", "on", "%", "*", "o_e", "one' OR '1'='1", "../one"];
    expectSame(await store.getTask("one"), null, "getTask on an empty store");
    await enqueueOne(store, { id: "one" });
    for (const id of unknown)
      expectSame(await store.getTask(id), null, `getTask of ${JSON.stringify(id)}, which is not stored`);
    await store.deleteTask("one");
    expectSame(await store.getTask("one"), null, "getTask of a deleted task");
  },
};

/** Rules about reading tasks. */
export const getTaskRules: readonly Rule[] = [
  {
    id: "GET-1",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "getTask",
    statement: "Unknown id ⇒ null, no throw.",
    why: "Asking for what may be gone is ordinary, not an error.",
    checks: [missingIdGivesNull],
  },
  {
    id: "GET-2",
    level: "required",
    kinds: ["race"],
    since: "1.0",
    topic: "getTask",
    statement: "A read started after a resolved write sees it, also from another instance.",
    why: "A caller that was answered acts on it at once, often from another process.",
    checks: [
      {
        name: "each kind of write, read by three instances",
        async run(context) {
          const [writer, ...readers] = [context.store, ...context.connectMany(3)] as [
            BaseStorage,
            ...BaseStorage[],
          ];
          const all = async (expected: string, why: string): Promise<void> => {
            const seen = await Promise.all(
              readers.map(async (reader) => (await reader.getTask("one"))?.status ?? "none"),
            );
            expectSame(
              seen,
              readers.map(() => expected),
              `what three readers see after ${why}`,
            );
          };
          for (let round = 0; round < 10; round++) {
            await enqueueOne(writer, { id: "one" });
            await all("PENDING", "enqueue");
            const task = await claimOne(writer);
            await all("RUNNING", "dequeue");
            await settled(writer, task, retry(0));
            await all("PENDING", "settle (retry)");
            await settled(writer, await claimOne(writer), complete(round));
            await all("SUCCESS", "settle (complete)");
            expectSame((await readers[0]?.getResult("one"))?.value, round, "the result that a reader sees");
            await writer.reschedule("one", new Date(context.now));
            await all("PENDING", "reschedule");
            await writer.cancel("one");
            await all("CANCELLED", "cancel");
            await writer.deleteTask("one");
            await all("none", "deleteTask");
          }
        },
      },
      {
        name: "many writers at once, each reading what it wrote through another instance",
        async run(context) {
          const stores = context.connectMany(4);
          await Promise.all(
            Array.from({ length: 80 }, async (_, index) => {
              const id = `task ${index}`;
              await enqueueOne(stores[index % 4] as BaseStorage, { id, payload: index });
              const task = await read(stores[(index + 1) % 4] as BaseStorage, id);
              expectSame(task.payload, index, "the payload read through another instance");
            }),
          );
        },
      },
    ],
  },
  {
    id: "GET-3",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "getTask",
    statement: "Returned objects are copies; mutating them changes nothing stored.",
    why: "An innocent assignment in a caller would change the stored task, on some stores and not on others.",
    checks: [
      {
        name: "what was handed in and what comes out of getTask",
        async run({ store }) {
          const payload = { list: [1], nested: { a: 1 } };
          const headers = { a: "1" };
          await store.enqueue({ groups: [[newTask({ id: "one", payload, headers })]] });
          await store.hold("one", "a reason");
          const before = await snapshot(store, "one");
          payload.list.push(2);
          payload.nested.a = 2;
          headers.a = "2";
          deface(await read(store, "one"));
          expectSame(
            await snapshot(store, "one"),
            before,
            "the task after the payload given and the task read were mutated",
          );
        },
      },
      {
        name: "records of dequeue and listTasks, results, events, counts and queues",
        async run({ store }) {
          await enqueueOne(store, { id: "finished" });
          await settled(store, await claimOne(store), complete({ list: [1] }));
          const { record } = await started(store, { id: "running" });
          const look = async () => [
            await snapshot(store, "finished"),
            await snapshot(store, "running"),
            (await store.listTasks()).tasks,
            await store.countTasks(),
            await store.listQueues(),
          ];
          const before = structuredClone(await look());
          deface(record);
          for (const found of await look()) deface(found);
          expectSame(
            structuredClone(await look()),
            before,
            "all that can be read, after all that was read was mutated",
          );
        },
      },
    ],
  },
];

/** Overwrites and empties everything that can be reached. */
function deface(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  if (value instanceof Date) {
    value.setTime(1);
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    deface(member);
    const replaced = typeof member === "boolean" ? !member : typeof member === "object" ? member : "defaced";
    Reflect.set(value, key, replaced);
  }
  if (Array.isArray(value)) value.push("defaced");
}
