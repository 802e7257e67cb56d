import type { BaseStorage, ClaimedTask, NewTask } from "@omniq/core/storage";
import { expectSame, expectThat } from "../expect.ts";
import { claimersInProcesses } from "./claim-processes.ts";
import type { Rule } from "../rule.ts";
import { shuffled } from "../seeded-random.ts";
import {
  LEASE_MS,
  claim,
  complete,
  countOf,
  enqueue,
  enqueueMany,
  expectNoClaim,
  idsOf,
  newTask,
  settled,
} from "../steps.ts";

/** Five times as many are more than a store looks through at once. */
const MANY_QUEUES = 30;

/** Rules about who gets which task, and in which order. */
export const claimOrderRules: readonly Rule[] = [
  {
    id: "CLM-3",
    level: "required",
    kinds: ["race", "process"],
    since: "1.0",
    topic: "claim",
    statement:
      "8 claimers × 2,000 tasks: every (task, token) is handed out once; after they stop a drain returns the rest; " +
      "union = all.",
    why: "Two workers with one task do its work twice.",
    checks: [
      {
        name: "8 claimers in one process",
        async run(context) {
          const ids: string[] = [];
          for (let batch = 0; batch < 4; batch++) ids.push(...(await enqueueMany(context.store, 500)));
          const stores = context.connectMany(8);
          const handedOut = (
            await Promise.all(stores.map((store, index) => claimTimes(store, 20, index + 1)))
          ).flat();
          const drained = await drain(context.store);
          const all = [...handedOut, ...drained];
          expectSame(
            twice(all.map(({ record, lease }) => `${record.id} ${lease.token}`)),
            [],
            "(task, token) pairs handed out twice",
          );
          expectSame(twice(idsOf(all)), [], "tasks handed out twice");
          expectSame(
            handedOut.length,
            20 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8),
            "tasks handed out to 8 claimers",
          );
          expectSame(idsOf(all).toSorted(), ids.toSorted(), "the union of all tasks handed out");
          expectSame(await countOf(context.store, "RUNNING"), 2000, "tasks RUNNING afterwards");
        },
      },
      claimersInProcesses,
    ],
  },
  {
    id: "CLM-5",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "claim",
    statement:
      "Order: priority desc, due asc, enqueue sequence asc; 1,000 tasks enqueued in one frozen millisecond come back in " +
      "enqueue order [strictOrder; otherwise disorder bounded by the number of claimers].",
    why: "An urgent task behind an ordinary one, or a late one overtaken for ever, is a broken queue.",
    checks: [
      {
        name: "priority first, then due time, then enqueue order",
        needs: "strictOrder",
        async run(context) {
          const { store, now, random } = context;
          const tasks: NewTask[] = [];
          for (const priority of [-32_768, -1, 0, 1, 10, 32_767]) {
            for (const at of [now - 5000, now - 10, now]) {
              for (const copy of [1, 2]) tasks.push(newTask({ priority, due: { at }, payload: copy }));
            }
          }
          const mixed = shuffled(tasks, random);
          const ids = await enqueue(store, ...mixed);
          const expected = mixed
            .map((task, index) => ({
              id: ids[index] as string,
              index,
              at: atOf(task),
              priority: task.priority ?? 0,
            }))
            .toSorted((a, b) => b.priority - a.priority || a.at - b.at || a.index - b.index)
            .map(({ id }) => id);
          const claimed = [
            ...(await claim(store, { limit: 7 })),
            ...(await drain(store, 1)),
            ...(await drain(store)),
          ];
          expectSame(idsOf(claimed), expected, "the order in which tasks came back");
        },
      },
      {
        name: "1,000 tasks of one frozen millisecond",
        needs: "strictOrder",
        async run({ store }) {
          const ids: string[] = [];
          for (const size of [1, 499, 1, 300, 199]) ids.push(...(await enqueueMany(store, size)));
          const claimed = [...(await claimTimes(store, 10, 1)), ...(await drain(store, 90))];
          expectSame(idsOf(claimed).length, 1000, "tasks that came back");
          const wrong = idsOf(claimed).findIndex((id, index) => id !== ids[index]);
          expectSame(wrong, -1, "the first place at which a task came back out of enqueue order");
        },
      },
      {
        name: "without strictOrder, no task is overtaken by more tasks than there are claimers",
        without: "strictOrder",
        async run(context) {
          const stores = context.connectMany(4);
          const ids = await enqueueMany(context.store, 200);
          const claimed: string[] = [];
          for (let turn = 0; turn < 200; turn++)
            claimed.push(...idsOf(await claim(stores[turn % 4] as BaseStorage)));
          expectSame(claimed.toSorted(), ids.toSorted(), "tasks that came back");
          const furthest = Math.max(...claimed.map((id, place) => place - ids.indexOf(id)));
          expectThat(furthest <= 4, `a task was overtaken by ${furthest} others, with 4 claimers`);
        },
      },
    ],
  },
  {
    id: "CLM-6",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "claim",
    statement:
      "Only requested queues, each within its own limit, filled in the order given (fairness is the worker's business: " +
      "it rotates the list by weight unless `strict`); nothing due ⇒ empty result, no throw, within the declared poll time.",
    why: "A worker for mail must not be given video, and a busy queue must not push out the others.",
    checks: [
      {
        name: "only requested queues, each within its limit, in the order given",
        async run({ store }) {
          for (const queue of ["a", "b", "c", "d"])
            await enqueueMany(store, 5, { queue, priority: queue === "d" ? 9 : 0 });
          const queues = [
            { name: "c", limit: 2 },
            { name: "a", limit: 3 },
            { name: "b", limit: 9 },
            { name: "d", limit: 0 },
          ];
          const first = await claim(store, { limit: 8, queues });
          expectSame(
            first.map(({ record }) => record.queue).join(""),
            "ccaaabbb",
            "the queues of the tasks returned",
          );
          const second = await claim(store, { limit: 100, queues });
          expectSame(
            second.map(({ record }) => record.queue).join(""),
            "ccaabb",
            "the queues of the tasks returned next",
          );
        },
      },
      {
        name: "nothing due gives an empty result",
        async run({ store, now }) {
          await expectNoClaim(store, "the store is empty");
          await expectNoClaim(store, "no queue is named", { queues: [] });
          await enqueue(store, { due: { at: now + 1 } }, { queue: "other" });
          await expectNoClaim(store, "its task is not due", {
            queues: [
              { name: "work", limit: 5 },
              { name: "unknown", limit: 5 },
            ],
          });
          expectSame(await countOf(store, "RUNNING"), 0, "tasks RUNNING");
        },
      },
      {
        name: "no queues named means all of them, within the limit",
        async run({ store }) {
          for (const queue of ["a", "b"]) await enqueueMany(store, 3, { queue });
          const { tasks } = await store.dequeue({ limit: 5, workerId: "w", leaseMs: 1000 });
          const { tasks: rest } = await store.dequeue({ limit: 5, workerId: "w", leaseMs: 1000 });
          expectSame([tasks.length, rest.length], [5, 1], "tasks returned by two claims from all queues");
        },
      },
      {
        name: "from all of many queues comes what is due, whatever lies in the others",
        async run(context) {
          const { store } = context;
          const states = ["waiting", "later", "leased", "finished", "paused"] as const;
          const queuesIn = (state: (typeof states)[number]): readonly string[] =>
            Array.from({ length: MANY_QUEUES }, (_, index) => `${state} ${index}`);
          const tasks = states.flatMap((state) =>
            queuesIn(state).map((queue) => ({
              queue,
              ...(state === "later" && { due: { inMs: LEASE_MS } }),
            })),
          );
          await enqueue(store, ...tasks);
          const queues = [...queuesIn("leased"), ...queuesIn("finished")].map((name) => ({ name, limit: 1 }));
          const claimed = await claim(store, { limit: 1000, queues });
          expectSame(claimed.length, queues.length, "tasks returned, one in each of the queues named");
          for (const task of claimed)
            if (task.record.queue.startsWith("finished")) await settled(store, task, complete());
          for (const queue of queuesIn("paused")) await store.pauseQueue(queue);
          const claimAll = async (): Promise<readonly string[]> => {
            const params = { limit: 1000, workerId: "w", leaseMs: 3 * LEASE_MS };
            const found = await store.dequeue(params);
            return found.tasks.map(({ record }) => record.queue).toSorted();
          };
          expectSame(await claimAll(), queuesIn("waiting").toSorted(), "the queues of the tasks returned");
          expectSame((await store.nextDue()).at, context.now + LEASE_MS, "nextDue of all queues");
          await context.advance(LEASE_MS);
          expectSame(
            await claimAll(),
            [...queuesIn("later"), ...queuesIn("leased")].toSorted(),
            "the queues of the tasks returned once tasks of later are due and leases have lapsed",
          );
        },
      },
    ],
  },
];

function atOf({ due }: NewTask): number {
  return due !== undefined && "at" in due ? due.at : 0;
}

async function claimTimes(store: BaseStorage, times: number, limit: number): Promise<ClaimedTask[]> {
  const tasks: ClaimedTask[] = [];
  for (let time = 0; time < times; time++) tasks.push(...(await claim(store, { limit })));
  return tasks;
}

/** Claims batch by batch until a claim comes back empty. */
async function drain(store: BaseStorage, limit = 100): Promise<ClaimedTask[]> {
  const tasks: ClaimedTask[] = [];
  for (let batch = await claim(store, { limit }); batch.length > 0; batch = await claim(store, { limit }))
    tasks.push(...batch);
  return tasks;
}

function twice(items: readonly string[]): string[] {
  const seen = new Set<string>();
  return items.filter((item) => seen.size === seen.add(item).size);
}
