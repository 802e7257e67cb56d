import type { BaseStorage } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { PlaceServer } from "../harness.ts";
import { makeActs } from "../process/make-acts.ts";
import { ACTS, expectUsable } from "../process/acts.ts";
import type { Check, Rule } from "../rule.ts";
import { claimOne, complete, countOf, enqueueOne, newTask, settled } from "../steps.ts";
import { Proxy } from "../wire/proxy.ts";
import { pause } from "../real-time.ts";
import { eventually, within } from "../within.ts";
import { CALL_LIMIT_MS, expectSettled, untilAnswered } from "../wire/answered.ts";
import { wired } from "./wire.ts";

/** Calls of every kind. */
const CALLS: Readonly<Record<string, (store: BaseStorage) => Promise<unknown>>> = {
  enqueue: (store) => store.enqueue({ groups: [[newTask()]] }),
  dequeue: (store) => store.dequeue({ limit: 1, workerId: "w", leaseMs: 1000 }),
  getTask: (store) => store.getTask("one"),
  listTasks: (store) => store.listTasks(),
  reschedule: (store) => store.reschedule("one", new Date(5)),
  nextDue: (store) => store.nextDue(),
  getResult: (store) => store.getResult("one"),
  queryEvents: (store) => store.queryEvents(),
  pauseQueue: (store) => store.pauseQueue("paused"),
  purge: (store) => store.purge({ before: 5 }),
  describe: (store) => store.describe(),
};

async function expectWorks(store: BaseStorage, queue: string): Promise<void> {
  await untilAnswered("a call after the outage", () => store.countTasks());
  await enqueueOne(store, { queue });
  await settled(store, await claimOne(store, { queue }), complete());
}

const halfOpen: Check = {
  name: "connections that went silent",
  needs: "remote",
  door: "server",
  async run(context) {
    const { store, proxy } = await wired(context);
    await enqueueOne(store, { id: "one" });
    for (const [name, call] of Object.entries(CALLS)) {
      proxy.freeze(true);
      await expectSettled(`${name} on connections that went silent`, () => call(store));
      proxy.restore();
      await untilAnswered("a call after the wire was restored", () => store.countTasks());
    }
    const closing = context.connect({ address: proxy.address, timeoutMs: CALL_LIMIT_MS });
    await closing.countTasks();
    proxy.freeze(true);
    await expectSettled("close on connections that went silent", () => closing.close());
    proxy.restore();
  },
};

const outage: Check = {
  name: "the server out of reach, and back",
  needs: "remote",
  door: "server",
  async run(context) {
    const { store, proxy } = await wired(context);
    for (const round of [1, 2]) {
      proxy.takeDown();
      for (const [name, call] of Object.entries(CALLS)) {
        await expectSettled(`${name}, the server being out of reach`, () => call(store));
      }
      proxy.restore();
      await expectWorks(store, `queue ${round}`);
    }
    const late = context.connect({ address: proxy.address, timeoutMs: CALL_LIMIT_MS });
    proxy.takeDown();
    await expectSettled("the first call of a store, the server being out of reach", () => late.countTasks());
    proxy.restore();
    await expectWorks(late, "late");
  },
};

/** All acts on one server, which is killed right after the last acknowledgement. */
const serverKilled: Check = {
  name: "the server is killed after all acts were acknowledged, and started again",
  needs: "survivesServerCrash",
  door: "ownServer",
  async run(context) {
    const server = context.place.server as Required<PlaceServer>;
    const program = makeActs(
      context.start(),
      ACTS.map(({ name }) => name),
    );
    expectSame((await program.ended).errors, "", "standard error of the process that made the acts");
    const { store } = context;
    const id = await enqueueOne(store, { id: "the last" });
    await server.kill();
    await server.start();
    await untilAnswered("a call after the server was started again", () => store.getTask(id));
    for (const act of ACTS) await act.holds(store);
    expectSame((await store.getTask(id))?.id, id, "the task enqueued right before the server was killed");
    await expectUsable(store);
  },
};

/** Rules about servers and wires that fail. */
export const outageRules: readonly Rule[] = [
  {
    id: "ERR-2",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "errors",
    statement: "On a half-open connection every call settles within opTimeout.",
    why: "A call that never settles is a worker that never works again, and nobody is told.",
    capability: "remote",
    checks: [halfOpen],
  },
  {
    id: "ERR-3",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "errors",
    statement: "No unhandled `error` event or rejection, ever (idle pool connection killed).",
    why: "An error that nobody listens to ends the process, and all the work that it does.",
    capability: "remote",
    checks: [
      {
        name: "idle connections of a process are cut, again and again",
        needs: ["remote", "multiProcess"],
        door: "server",
        async run(context) {
          const proxy = await Proxy.to(context.place.server as PlaceServer);
          context.onClose(() => proxy.close());
          const process = context.spawn({}, { address: proxy.address, timeoutMs: CALL_LIMIT_MS });
          await process.run("watch", undefined);
          for (let cut = 1; cut <= 3; cut++) {
            await process.run("enqueue", [{ id: `before cut ${cut}` }]);
            proxy.cut();
            await pause(100);
            await process.run("enqueueAgain", { id: `after cut ${cut}` });
          }
          proxy.takeDown();
          await process.run("failsToRead", undefined);
          proxy.restore();
          await process.run("enqueueAgain", { id: "in the end" });
          expectSame(await countOf(context.store), 7, "tasks that the process has enqueued");
          await process.run("close", undefined);
          const { code, signal, errors } = await within(
            context.livenessMs,
            () => process.ended,
            "the process has not ended by itself",
          );
          expectSame(
            [code, signal, errors],
            [0, null, ""],
            "how the process ended: exit code, signal, standard error",
          );
        },
      },
    ],
  },
  {
    id: "ERR-4",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "errors",
    statement: "After an outage the same instance works again within the declared bound.",
    why: "A server that was restarted must not need every worker restarted after it.",
    capability: "remote",
    checks: [outage],
  },
  {
    id: "EVT-3",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "events",
    statement:
      "After the listener's connection dies silently, wake-ups resume within the declared bound (pg-boss #850).",
    why: "A listener that hears nothing cannot know whether there is nothing to hear.",
    capability: "wakeup",
    checks: [
      {
        name: "the listener's connection goes silent; later hints arrive all the same",
        needs: ["wakeup", "remote"],
        door: "server",
        async run(context) {
          const { store, proxy } = await wired(context);
          let hints = 0;
          await store.watch(() => void hints++);
          const hinted = async (otherwise: string): Promise<void> => {
            const before = hints;
            await eventually(
              async () => {
                await enqueueOne(context.store);
                return hints > before;
              },
              otherwise,
              context.livenessMs,
            );
          };
          await hinted("no hint of another instance's enqueue has arrived");
          proxy.freeze(false);
          // The listener may hint once when it recovers; it must be told of what is new.
          for (const time of ["first", "second", "third"]) {
            await hinted(`the ${time} hint since the listener's connection went silent has not arrived`);
          }
        },
      },
      {
        name: "a store whose hints come over no wire goes on hinting",
        needs: "wakeup",
        without: "remote",
        async run(context) {
          const watcher = context.connect();
          let hints = 0;
          await watcher.watch(() => void hints++);
          for (let time = 1; time <= 3; time++) {
            const before = hints;
            await enqueueOne(context.store);
            await eventually(
              () => hints > before,
              `no hint of another instance's enqueue ${time} has arrived`,
              context.livenessMs,
            );
          }
        },
      },
    ],
  },
  {
    id: "DUR-2",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "durability",
    statement: "SIGKILL of the server after ack: effect present [survivesServerCrash].",
    why: "Servers are killed too, by the kernel when memory is short and by people at any time.",
    capability: "survivesServerCrash",
    checks: [serverKilled],
  },
];
