import { TASK_STATUSES } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  LEASE_MS,
  claim,
  claimOne,
  complete,
  countOf,
  enqueueMany,
  enqueueOne,
  expectNoClaim,
  fail,
  idsOf,
  listAll,
  release,
  renew,
  retry,
  settled,
  started,
} from "../steps.ts";
import { HOSTILE_NAMES } from "./corpus.ts";

const NAMES = [...HOSTILE_NAMES, "a:b:c", "a*b", "%", "it's", "{a}", "{b}", "two words", "Two Words", "🜁🜂"];

/** Rules about queues. */
export const queueRules: readonly Rule[] = [
  {
    id: "QUE-1",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "queues",
    statement: "Names are isolated, case-sensitive, safe for `: / * % _ ' { }`, space and emoji.",
    why: "A name that is a pattern or a key to the store mixes the work of two teams.",
    checks: [
      {
        name: "each queue has its own tasks, counts and mark",
        async run(context) {
          const { store } = context;
          const names = [...new Set(NAMES)];
          const ids = new Map(names.map((queue, index) => [queue, `task ${index}`]));
          for (const [queue, id] of ids) await enqueueOne(store, { queue, id });
          const other = context.connect();
          const queues = (await other.listQueues()).map(({ name }) => name);
          expectSame(queues.toSorted(), names.toSorted(), "the queues");
          const counts = await other.countTasks();
          for (const queue of names) {
            const what = JSON.stringify(queue);
            const { tasks } = await other.listTasks({ queue });
            expectSame(
              tasks.map(({ id }) => id),
              [ids.get(queue)],
              `listTasks of the queue ${what}`,
            );
            expectSame(
              counts.filter((entry) => entry.queue === queue),
              [{ queue, status: "PENDING", count: 1 }],
              `the counts of the queue ${what}`,
            );
          }
          for (const queue of names) {
            await store.pauseQueue(queue);
            const paused = (await other.listQueues()).filter((one) => one.paused).map(({ name }) => name);
            expectSame(paused, [queue], `the queues paused by pauseQueue of ${JSON.stringify(queue)}`);
            expectSame(
              (await other.nextDue({ queues: [queue] })).at,
              null,
              `nextDue of ${JSON.stringify(queue)}`,
            );
            await store.resumeQueue(queue);
          }
          for (const queue of names) {
            const tasks = await claim(store, { queue, limit: 10 });
            expectSame(idsOf(tasks), [ids.get(queue)], `tasks claimed from ${JSON.stringify(queue)}`);
          }
        },
      },
    ],
  },
  {
    id: "QUE-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "queues",
    statement: "size counts PENDING only; totals over states equal tasks stored.",
    why: "Workers are added by the size of a queue; tasks that run already need none.",
    checks: [
      {
        name: "after every move of a task",
        async run(context) {
          const { store } = context;
          const expectCounts = async (pending: number, what: string): Promise<void> => {
            const counts = await context.connect().countTasks();
            const of = counts.filter(({ queue }) => queue === "work");
            const sum = (among: typeof counts): number =>
              among.reduce((total, { count }) => total + count, 0);
            const size = sum(of.filter(({ status }) => status === "PENDING"));
            const stored = await listAll(store);
            expectSame(size, pending, `the size of the queue after ${what}`);
            expectSame(sum(counts), stored.length, `the total over all states after ${what}`);
            for (const status of TASK_STATUSES) {
              expectSame(
                sum(counts.filter((entry) => entry.status === status)),
                stored.filter((task) => task.status === status).length,
                `the count of ${status} after ${what}`,
              );
            }
          };
          await expectCounts(0, "nothing at all");
          await enqueueMany(store, 5);
          await enqueueMany(store, 2, { due: { inMs: 1_000_000 } });
          await enqueueMany(store, 3, { queue: "another" });
          await expectCounts(7, "enqueue, two of seven being due later");
          const held = await enqueueOne(store, { due: { inMs: 1_000_000 } });
          await store.hold(held, "a reason");
          await expectCounts(8, "hold of one of eight");
          const [a, b, c, d, e] = await claim(store, { limit: 5 });
          if (!a || !b || !c || !d || !e) throw new RangeError("fewer than 5 tasks were claimed");
          await expectCounts(3, "a claim of five");
          await renew(store, a);
          await settled(store, a, complete());
          await settled(store, b, fail());
          await expectCounts(3, "a success and a failure");
          await settled(store, c, retry(1_000_000));
          await settled(store, d, release);
          await expectCounts(5, "a retry and a release");
          await store.cancel(e.record.id);
          await expectCounts(5, "cancel of a running task");
          await store.retryTask(b.record.id);
          await expectCounts(6, "a failed task's new run");
          await store.deleteTask(held);
          await expectCounts(5, "deleteTask of the held task");
          await claimOne(store);
          await context.advance(LEASE_MS);
          await expectCounts(4, "the end of a lease that nobody has taken over");
          await store.purge({ before: context.now });
          await expectCounts(4, "purge");
        },
      },
    ],
  },
  {
    id: "QUE-3",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "queues",
    statement: "pause survives reopen and reaches other instances.",
    why: "A person who paused a queue in an emergency counts on every worker, also on one started later.",
    checks: [
      {
        name: "another instance, and one opened after all others were closed",
        async run(context) {
          const first = context.connect();
          const second = context.connect();
          const ids = await enqueueMany(first, 3);
          await started(first, { queue: "other" });
          await first.pauseQueue("work");
          await first.pauseQueue("empty");
          await expectNoClaim(second, "another instance paused the queue");
          await Promise.all([first.close(), second.close(), context.store.close()]);
          const third = context.connect();
          const paused = (await third.listQueues()).filter((queue) => queue.paused).map(({ name }) => name);
          expectSame(
            paused.toSorted(),
            ["empty", "work"],
            "the paused queues after the store was opened again",
          );
          await expectNoClaim(third, "the queue was paused before the store was opened again");
          expectSame((await third.nextDue({ queues: ["work"] })).at, null, "nextDue of the paused queue");
          await third.resumeQueue("work");
          await third.close();
          const fourth = context.connect();
          expectSame(
            idsOf(await claim(fourth, { limit: 10 })),
            ids,
            "tasks claimed once the queue was resumed",
          );
          expectSame(await countOf(fourth), 4, "tasks stored");
        },
      },
    ],
  },
];
