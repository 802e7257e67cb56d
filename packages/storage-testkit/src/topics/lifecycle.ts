import { type BaseStorage, TASK_STATUSES } from "@omniq/core/storage";
import { expectRejection, expectSame, expectStorageError } from "../expect.ts";
import { interceptHook } from "../hooks.ts";
import type { Rule } from "../rule.ts";
import { eventually } from "../within.ts";
import { snapshot } from "../snapshot.ts";
import { taskIn } from "../states.ts";
import { complete, countOf, enqueueOne, newTask, read, settled, started } from "../steps.ts";

const DEQUEUE = { limit: 1, workerId: "w", leaseMs: 1000 };

/** Every public call, as short as can be. */
const CALLS: Readonly<Record<string, (store: BaseStorage) => Promise<unknown>>> = {
  open: (store) => store.open(),
  describe: (store) => store.describe(),
  destroy: (store) => store.destroy(),
  watch: (store) => store.watch(() => {}),
  enqueue: (store) => store.enqueue({ groups: [[newTask()]] }),
  dequeue: (store) => store.dequeue(DEQUEUE),
  settle: (store) => store.settle({ settlements: [] }),
  renew: (store) => store.renew({ renewals: [] }),
  exchange: (store) => store.exchange({ settle: { settlements: [] }, dequeue: DEQUEUE }),
  getTask: (store) => store.getTask("PENDING"),
  reschedule: (store) => store.reschedule("PENDING", new Date(5)),
  cancel: (store) => store.cancel("PENDING"),
  retryTask: (store) => store.retryTask("FAILED"),
  deleteTask: (store) => store.deleteTask("PENDING"),
  hold: (store) => store.hold("PENDING", "a reason"),
  unhold: (store) => store.unhold("PENDING", "a reason"),
  schedule: (store) => store.schedule({ ...newTask(), id: "new" }),
  listTasks: (store) => store.listTasks(),
  countTasks: (store) => store.countTasks(),
  listQueues: (store) => store.listQueues(),
  pauseQueue: (store) => store.pauseQueue("work"),
  resumeQueue: (store) => store.resumeQueue("work"),
  purge: (store) => store.purge({ before: 5 }),
  nextDue: (store) => store.nextDue(),
  importTasks: (store) => store.importTasks([]),
  getResult: (store) => store.getResult("SUCCESS"),
  putResult: (store) => store.putResult({ taskId: "put", run: 1, status: "SUCCESS" }),
  deleteResult: (store) => store.deleteResult("SUCCESS"),
  purgeResults: (store) => store.purgeResults(),
  appendEvents: (store) => store.appendEvents([]),
  queryEvents: (store) => store.queryEvents(),
  purgeEvents: (store) => store.purgeEvents({ before: 5 }),
};

/** Rules about opening, closing and destroying. */
export const lifecycleRules: readonly Rule[] = [
  {
    id: "LIF-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "lifecycle",
    statement:
      "close is idempotent and settles in-flight calls; later calls reject `ClosedError`; reopen finds everything.",
    why: "A process that stops must neither lose what it was told was done, nor hang on what it asks afterwards.",
    checks: [
      {
        name: "close once, twice, at once, and without having opened",
        async run(context) {
          const store = context.connect();
          await enqueueOne(store);
          await Promise.all([store.close(), store.close()]);
          await store.close();
          await store[Symbol.asyncDispose]();
          const unopened = context.connect();
          await unopened.close();
          await unopened.close();
          await expectClosed(unopened, "getTask");
        },
      },
      {
        name: "close waits for the calls under way, which end as if nothing had happened",
        async run(context) {
          const store = context.connect();
          await store.open();
          const held: (() => void)[] = [];
          for (const hook of ["doEnqueue", "doGetTask"] as const) {
            interceptHook(store, hook, async (args, original) => {
              await new Promise<void>((go) => held.push(go));
              return original(...args);
            });
          }
          const order: string[] = [];
          const calls = [
            enqueueOne(store, { id: "one" }).then(() => order.push("enqueue")),
            store.getTask("two").then(() => order.push("getTask")),
          ];
          await eventually(
            () => held.length === 2,
            "two calls have not reached the store",
            context.livenessMs,
          );
          const closing = store.close().then(() => order.push("close"));
          await context.advance(0);
          expectSame(order, [], "what had ended while two calls were held up (close must wait for them)");
          await expectClosed(store, "cancel");
          for (const go of held) go();
          await Promise.all([...calls, closing]);
          expectSame(order.at(-1), "close", "what ended last");
          expectSame((await read(context.store, "one")).status, "PENDING", "the task that was under way");
        },
      },
      {
        name: "many calls at once, then close: what was acknowledged is there",
        async run(context) {
          const store = context.connect();
          const calls = Array.from({ length: 50 }, (_, index) => enqueueOne(store, { id: `task ${index}` }));
          await Promise.all([...calls, store.close()]);
          expectSame(await countOf(context.connect()), 50, "tasks stored, all calls having resolved");
        },
      },
      {
        name: "every call on a closed store is refused",
        async run(context) {
          const store = context.connect();
          await enqueueOne(store);
          await store.close();
          for (const call of Object.keys(CALLS)) await expectClosed(store, call);
          expectSame(await countOf(context.store), 1, "tasks stored afterwards");
        },
      },
      {
        name: "a store opened later finds everything",
        async run(context) {
          const { store } = context;
          for (const status of TASK_STATUSES) await taskIn(store, status, status);
          const held = await started(store, { id: "held" });
          await store.pauseQueue("paused");
          const look = async (from: BaseStorage): Promise<unknown[]> => [
            await Promise.all(TASK_STATUSES.map((status) => snapshot(from, status))),
            await from.listQueues(),
            await from.countTasks(),
            await from.nextDue(),
          ];
          const before = await look(store);
          await store.close();
          const next = context.connect();
          expectSame(await look(next), before, "all that can be read, after close and open");
          await settled(next, held, complete("by another instance"));
        },
      },
    ],
  },
  {
    id: "LIF-4",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "lifecycle",
    statement:
      "A caller-owned pool/client/db handle is not closed; nothing outside its schema/prefix/directory is read or " +
      "changed; destroy removes only that.",
    why: "A test that cleans up after itself must not clean up production next door.",
    checks: [
      {
        name: "destroy removes all of its own place, and nothing of the one beside",
        async run(context) {
          const beside = await context.beside();
          for (const { store } of [context, beside]) {
            for (const status of TASK_STATUSES) await taskIn(store, status, status);
            await store.pauseQueue("paused");
          }
          const before = await everything(beside.store);
          await context.connect().destroy();
          const after = await everything(context.connect());
          expectSame(after, [[], [], [], null], "tasks, queues, events and a result after destroy");
          expectSame(
            await everything(beside.connect()),
            before,
            "what stands in the place beside after destroy",
          );
          await enqueueOne(context.connect(), { id: "new" });
          expectSame(await beside.store.getTask("new"), null, "a new task's id in the place beside");
        },
      },
    ],
  },
];

async function expectClosed(store: BaseStorage, call: string): Promise<void> {
  const what = `${call} on a closed store`;
  const answer = CALLS[call]?.(store) ?? Promise.resolve();
  expectStorageError(await expectRejection(answer, { name: "ClosedError", code: "closed" }, what), what);
}

async function everything(store: BaseStorage): Promise<unknown[]> {
  const { events } = await store.queryEvents({ limit: 1000 });
  const { tasks } = await store.listTasks({ limit: 1000 });
  return [tasks, await store.listQueues(), events, await store.getResult("SUCCESS")];
}
