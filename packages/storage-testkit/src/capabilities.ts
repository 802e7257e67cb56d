import { ManualClock } from "@omniq/core/testing";
import { expectRejection, expectSame, expectThat } from "./expect.ts";
import type { CapabilityFlag } from "./rule.ts";
import type { RuleContext } from "./rule-context.ts";
import {
  claim,
  claimOne,
  complete,
  countOf,
  enqueue,
  enqueueMany,
  enqueueOne,
  newTask,
  read,
  settle,
} from "./steps.ts";
import { pause } from "./real-time.ts";

/** What the kit knows of a capability, beside the rules that ask for it. */
export interface CapabilityFacts {
  /** What holds of a store that does not declare it. */
  readonly instead: string;
  /** Fails where that does not hold. */
  readonly negative: (context: RuleContext) => Promise<void>;
  /**
   * Whether a store that does not declare it was seen to do it. It proves nothing, but an author may have forgotten to
   * declare it. Null where it cannot be seen from here.
   */
  readonly probe: (context: RuleContext) => Promise<boolean | null>;
  /** What must be declared with it. */
  readonly with: readonly CapabilityFlag[];
}

const unseen = async (): Promise<null> => null;

/** Every capability that a store has or has not: the list is closed. */
export const CAPABILITY_FACTS: Readonly<Record<CapabilityFlag, CapabilityFacts>> = {
  durable: {
    instead: "a place whose stores were all closed can be opened again, and works, whatever is left in it",
    with: [],
    async negative(context) {
      await enqueueOne(context.store);
      await context.store.close();
      await expectWorks(context);
    },
    async probe(context) {
      if (!context.canSpawn) return null;
      const id = await enqueueOne(context.store);
      await context.store.close();
      return (await context.spawn().run("instants", id)) !== null;
    },
  },
  multiProcess: {
    instead: "instances within one process share the place",
    with: [],
    async negative(context) {
      const other = context.connect();
      const id = await enqueueOne(context.store);
      expectSame(
        (await claimOne(other)).record.id,
        id,
        "the task that another instance in this process claimed",
      );
      expectSame((await read(context.store, id)).status, "RUNNING", "the task, seen by the first instance");
    },
    async probe(context) {
      if (!context.canSpawn) return null;
      await enqueueOne(context.store);
      return (await context.spawn().run("claim", {})).length === 1;
    },
  },
  multiHost: {
    instead: "nothing that names another host is asked of it",
    with: ["multiProcess"],
    async negative(context) {
      expectThat(
        !context.capabilities.remote,
        "the store declares remote, a wire that other hosts reach too, and not multiHost",
      );
    },
    probe: unseen,
  },
  remote: {
    instead: "no wire lies between it and what it keeps, and its harness gives no server",
    with: ["multiProcess"],
    async negative({ place }) {
      expectThat(
        place.server === undefined,
        "the harness gives a server, and the store does not declare remote",
      );
    },
    probe: unseen,
  },
  serverTime: {
    instead: "the clock of each process decides for that process",
    with: [],
    async negative(context) {
      const id = await enqueueOne(context.store, { due: { inMs: 3_600_000 } });
      const ahead = context.connectAt(context.place.config, {
        clock: new ManualClock(context.now + 3_600_000),
      });
      expectSame(
        (await claimOne(ahead)).record.id,
        id,
        "the task claimed by a process whose clock is an hour ahead",
      );
    },
    probe: unseen,
  },
  wakeup: {
    instead: "watch hints at what its own instance does, and can be ended",
    with: [],
    async negative({ store }) {
      let hints = 0;
      const watch = await store.watch(() => void hints++);
      await enqueueOne(store);
      expectThat(hints > 0, "watch did not hint at a task enqueued through the same instance");
      await watch.close();
      const before = hints;
      await enqueueOne(store);
      expectSame(hints, before, "hints, the watch having ended");
    },
    async probe(context) {
      let hints = 0;
      await context.connect().watch(() => void hints++);
      await enqueueOne(context.store);
      await pause(300);
      return hints > 0;
    },
  },
  strictOrder: {
    instead: "a claim hands out each task once and in the end all, in an order of its own",
    with: [],
    async negative({ store }) {
      const ids = await enqueueMany(store, 50);
      const found: string[] = [];
      for (let round = 0; round < 50 && found.length < 50; round++) {
        found.push(...(await claim(store, { limit: 7 })).map(({ record }) => record.id));
      }
      expectSame(found.toSorted(), ids.toSorted(), "the tasks handed out");
    },
    async probe({ store }) {
      const ids = await enqueueMany(store, 200);
      return (await claim(store, { limit: 200 })).every(({ record }, index) => record.id === ids[index]);
    },
  },
  batchAtomic: {
    instead: "a group is answered item by item, truly",
    with: [],
    async negative({ store }) {
      await enqueue(store, { id: "there" });
      const group = [newTask({ id: "new" }), newTask({ id: "there", payload: "other content" })];
      const { groups } = await store.enqueue({ groups: [group] });
      for (const [index, answer] of (groups[0] ?? []).entries()) {
        const stored = await store.getTask(group[index]?.id ?? "");
        const isNew = answer.status === "created";
        expectSame(
          stored !== null && stored.id === "new",
          isNew,
          `whether ${group[index]?.id} is new, answered ${answer.status}`,
        );
      }
    },
    probe: unseen,
  },
  eventsTransactional: {
    instead: "the event of an acknowledged call is there once the call has resolved",
    with: [],
    async negative({ store }) {
      const id = await enqueueOne(store);
      await settle(store, await claimOne(store), complete());
      const { events } = await store.queryEvents({ taskId: id });
      const types = new Set(events.map(({ type }) => type));
      expectSame([...types], ["enqueued", "started", "completed"], "the events of a task that is done");
    },
    probe: unseen,
  },
  eventsIndexed: {
    instead: "filters find by a scan what an index would find",
    with: [],
    async negative({ store }) {
      const ids = await enqueueMany(store, 20);
      for (const taskId of ids.slice(0, 3)) {
        let cursor: string | null = null;
        const found: string[] = [];
        do {
          const page = await store.queryEvents({ taskId, limit: 5, cursor });
          found.push(...page.events.map((event) => event.taskId));
          ({ cursor } = page);
        } while (cursor !== null);
        expectSame(found, [taskId], "the events of one task of twenty, over all pages");
      }
    },
    probe: unseen,
  },
  transactions: {
    instead: "enqueue via a transaction is refused, and stores nothing",
    with: [],
    async negative({ store }) {
      const enqueued = store.enqueue({ groups: [[newTask()]], via: {} });
      await expectRejection(enqueued, { code: "via_unsupported" }, "enqueue via a transaction");
      expectSame(await countOf(store), 0, "tasks stored by a call that was refused");
    },
    probe: unseen,
  },
  survivesServerCrash: {
    instead: "describe says what durability rests on, if on anything",
    with: ["durable", "remote"],
    negative: expectDescribed,
    probe: unseen,
  },
  survivesPowerLoss: {
    instead: "describe says what durability rests on, if on anything",
    with: ["durable"],
    negative: expectDescribed,
    probe: unseen,
  },
};

export const CAPABILITY_FLAGS = Object.keys(CAPABILITY_FACTS) as readonly CapabilityFlag[];

async function expectDescribed({ store }: RuleContext): Promise<void> {
  const { durability, capabilities } = await store.describe();
  expectThat(
    !capabilities.durable || Object.keys(durability).length > 0,
    "the store declares durable, and describe answers no setting that this rests on",
  );
}

async function expectWorks(context: RuleContext): Promise<void> {
  const store = context.connect();
  const id = await enqueueOne(store, { queue: "afterwards" });
  const task = await claimOne(store, { queue: "afterwards" });
  expectSame(task.record.id, id, "the task claimed in the place opened again");
}
