import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  claimOne,
  complete,
  countOf,
  enqueueOne,
  expectNoClaim,
  listAll,
  newTask,
  offer,
  read,
  settled,
} from "../steps.ts";

const KEY = "invoice 7";

/** Rules about queues at enqueue, and about dedupe keys. */
export const enqueueQueueRules: readonly Rule[] = [
  {
    id: "ENQ-8",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "enqueue",
    statement: "Enqueue into an unknown or paused queue succeeds; the queue then appears in listQueues.",
    why: "Pausing stops the work, not the callers.",
    checks: [
      {
        name: "into an unknown queue",
        async run(context) {
          const { store } = context;
          expectSame(await store.listQueues(), [], "queues of an empty store");
          await enqueueOne(store, { queue: "new" });
          expectSame(
            await context.connect().listQueues(),
            [{ name: "new", paused: false }],
            "queues on another instance",
          );
        },
      },
      {
        name: "into a paused queue",
        async run(context) {
          const { store } = context;
          await store.pauseQueue("work");
          const id = await enqueueOne(store, { queue: "work" });
          expectSame(await store.listQueues(), [{ name: "work", paused: true }], "queues");
          await expectNoClaim(store, "its queue is paused");
          await context.connect().resumeQueue("work");
          expectSame((await claimOne(store)).record.id, id, "the task claimed once the queue was resumed");
        },
      },
    ],
  },
  {
    id: "ENQ-9",
    level: "required",
    kinds: ["race"],
    since: "1.0",
    topic: "enqueue",
    statement:
      "While a task with the same dedupeKey is live within its window, enqueue answers existing with its id " +
      "(debounce moves its due); 8 racing callers make one task.",
    why: "A button pressed twice must not do the work twice.",
    checks: [
      {
        name: "while it waits and while it runs, and not once it has ended",
        async run({ store }) {
          const id = await enqueueOne(store, { dedupe: { key: KEY } });
          const twin = { status: "existing", id };
          expectSame(
            await offer(store, newTask({ dedupe: { key: KEY }, payload: 2 })),
            twin,
            "while the first waits",
          );
          const claimed = await claimOne(store);
          expectSame(await offer(store, newTask({ dedupe: { key: KEY } })), twin, "while the first runs");
          expectSame(
            (await offer(store, newTask({ dedupe: { key: "other" } }))).status,
            "created",
            "with another key",
          );
          await settled(store, claimed, complete());
          expectSame(
            (await offer(store, newTask({ dedupe: { key: KEY } }))).status,
            "created",
            "once the first has ended",
          );
        },
      },
      {
        name: "until the window is over, counted from the creation of the live task",
        async run(context) {
          const { store } = context;
          const windowed = { key: KEY, windowMs: 1000 };
          const first = await enqueueOne(store, { dedupe: windowed, due: { inMs: 60_000 } });
          await context.advance(999);
          expectSame(
            await offer(store, newTask({ dedupe: windowed })),
            { status: "existing", id: first },
            "1 ms before its end",
          );
          await context.advance(1);
          const second = await enqueueOne(store, { dedupe: windowed, due: { inMs: 60_000 } });
          expectSame(
            await offer(store, newTask({ dedupe: windowed })),
            { status: "existing", id: second },
            "in the next window",
          );
          await store.reschedule(first, new Date(context.now));
          await claimOne(store);
          expectSame(
            await offer(store, newTask({ dedupe: windowed })),
            { status: "existing", id: second },
            "in the window of a newer task, after the older one was written",
          );
        },
      },
      {
        name: "a task that comes from another store brings its key along",
        async run({ store }) {
          await enqueueOne(store, { id: "here", dedupe: { key: KEY } });
          const [task] = await listAll(store);
          expectThat(task !== undefined, "the task is not listed");
          await store.deleteTask("here");
          const { workerId: _worker, leaseUntil: _until, ...imported } = task;
          await store.importTasks([{ ...imported, id: "from elsewhere" }]);
          expectSame(
            await offer(store, newTask({ dedupe: { key: KEY } })),
            { status: "existing", id: "from elsewhere" },
            "the answer to a task with its key",
          );
        },
      },
      {
        name: "debounce moves the due time of a waiting task, and of no other",
        async run(context) {
          const { store } = context;
          const debounced = (inMs: number) =>
            newTask({ dedupe: { key: KEY, debounce: true }, due: { inMs } });
          const id = await enqueueOne(store, debounced(1000));
          await context.advance(500);
          expectSame(await offer(store, debounced(1000)), { status: "existing", id }, "the answer");
          expectSame(
            (await read(store, id)).schedule.eta,
            new Date(context.now + 1000),
            "the due time of the waiting task",
          );
          await context.advance(999);
          await expectNoClaim(store, "its due time was moved");
          await context.advance(1);
          await claimOne(store);
          const { eta } = (await read(store, id)).schedule;
          expectSame(
            await offer(store, debounced(5000)),
            { status: "existing", id },
            "the answer while it runs",
          );
          expectSame((await read(store, id)).schedule.eta, eta, "the due time of the running task");
        },
      },
      {
        name: "8 racing callers make one task",
        async run(context) {
          const stores = context.connectMany(8);
          for (let round = 0; round < 20; round++) {
            const task = newTask({ dedupe: { key: `key ${round}` } });
            const answers = await Promise.all(stores.map((store) => offer(store, task)));
            expectSame(
              answers.filter(({ status }) => status === "created").length,
              1,
              "callers told created",
            );
            expectSame(new Set(answers.map((answer) => "id" in answer && answer.id)).size, 1, "ids answered");
          }
          expectSame(await countOf(context.store), 20, "tasks stored after 20 rounds");
        },
      },
    ],
  },
];
