import type { BaseStorage, ListTasksParams, TaskRecord } from "@omniq/core/storage";
import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { STATUSES, taskIn } from "../states.ts";
import { enqueueMany, enqueueOne, listAll } from "../steps.ts";

/** The rule about lists and counts. */
export const listRules: readonly Rule[] = [
  {
    id: "GET-5",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "getTask",
    statement:
      "Filters and counts agree; paging under concurrent inserts repeats no row and skips none that existed throughout.",
    why: "A dashboard or an export that skips a task hides it; one that repeats it counts it twice.",
    checks: [
      {
        name: "filters and counts agree with a full scan",
        async run({ store }) {
          for (const status of STATUSES) {
            for (const copy of [1, 2])
              await taskIn(store, status, `${status} ${copy}`, { name: `name ${copy}` });
          }
          const all = await listAll(store);
          expectSame(
            all.map(({ id }) => id),
            STATUSES.flatMap((status) => [1, 2].map((copy) => `${status} ${copy}`)),
            "ids in enqueue order",
          );
          for (const params of filtersOver(all)) {
            const wanted = all.filter((task) => matches(task, params));
            expectSame(
              (await store.listTasks(params)).tasks,
              wanted,
              `listTasks with ${JSON.stringify(params)}`,
            );
          }
          const counts = await store.countTasks();
          expectSame(
            counts.reduce((sum, { count }) => sum + count, 0),
            all.length,
            "the sum of all counts",
          );
          for (const { queue, status, count } of counts) {
            expectSame(
              count,
              all.filter((task) => matches(task, { queue, status })).length,
              `the count of ${status} in ${queue}`,
            );
          }
          expectThat(
            new Set(counts.map(({ queue, status }) => `${status} ${queue}`)).size === counts.length,
            "countTasks names a pair twice",
          );
        },
      },
      {
        name: "pages are full, and the last one says so",
        async run({ store }) {
          const ids = await enqueueMany(store, 10);
          const sizes: number[] = [];
          const seen: string[] = [];
          for (let cursor: string | null = null, more = true; more;) {
            const page = await store.listTasks({ cursor, limit: 5 });
            sizes.push(page.tasks.length);
            seen.push(...page.tasks.map(({ id }) => id));
            cursor = page.cursor;
            more = cursor !== null;
          }
          expectSame(seen, ids, "ids over all pages");
          expectSame(sizes, [5, 5], "tasks on each page, 10 being stored");
        },
      },
      {
        name: "paging while others insert and delete",
        async run(context) {
          const { store } = context;
          const ids = await enqueueMany(store, 40);
          const doomed = await enqueueMany(store, 5);
          const other = context.connect();
          const seen: string[] = [];
          let cursor: string | null = null;
          do {
            const page: Awaited<ReturnType<BaseStorage["listTasks"]>> = await store.listTasks({
              cursor,
              limit: 7,
            });
            seen.push(...page.tasks.map(({ id }) => id));
            cursor = page.cursor;
            if (seen.length < 40) await enqueueOne(other, { priority: 100 });
            const next = doomed.pop();
            if (next !== undefined) await other.deleteTask(next);
          } while (cursor !== null);
          expectSame(new Set(seen).size, seen.length, "different ids among all that the pages listed");
          expectSame(
            ids.filter((id) => !seen.includes(id)),
            [],
            "tasks that existed throughout and were on no page",
          );
        },
      },
    ],
  },
];

function filtersOver(tasks: readonly TaskRecord[]): ListTasksParams[] {
  const queues = tasks.map(({ queue }) => ({ queue }));
  const statuses = STATUSES.map((status) => ({ status }));
  const names = [{ name: "name 1" }, { name: "name 2" }, { name: "unknown" }];
  const both = statuses.flatMap((status) => names.map((name) => ({ ...status, ...name })));
  return [...queues, ...statuses, ...names, ...both, { queue: "unknown" }];
}

function matches(task: TaskRecord, { queue, status, name }: ListTasksParams): boolean {
  return (
    (queue === undefined || task.queue === queue) &&
    (status === undefined || task.status === status) &&
    (name === undefined || task.name === name)
  );
}
