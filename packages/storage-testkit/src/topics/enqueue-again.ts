import type { NewTask } from "@omniq/core/storage";
import { expectError, expectSame, expectThat, show } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { unchanged } from "../snapshot.ts";
import { STATUSES, taskIn } from "../states.ts";
import {
  claimOne,
  complete,
  countOf,
  enqueueOne,
  expectNoClaim,
  newTask,
  offer,
  read,
  settled,
} from "../steps.ts";

const ORIGINAL: NewTask = newTask({ id: "one", due: { inMs: 0 } });

/** What makes the content another, field by field. */
const OTHER_CONTENT: Readonly<Record<string, Partial<NewTask>>> = {
  name: { name: "other" },
  payload: { payload: { some: "other payload" } },
  queue: { queue: "other" },
  priority: { priority: 1 },
  "relative delay": { due: { inMs: 1 } },
  schedule: { recurrence: { everyMs: 1000, cadence: "after", missed: "skip", onFailure: "continue" } },
  retries: { maxRetries: 9 },
  timeout: { timeoutMs: 1000 },
  keep: { policies: { keep: "result" } },
};

/** Rules about enqueueing an id that is there already. */
export const enqueueAgainRules: readonly Rule[] = [
  {
    id: "ENQ-3",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "enqueue",
    statement:
      "Same id + same content again resolves to the existing task and adds no row, no event, no execution (checked " +
      "with 10 repetitions).",
    why: "Clients and drivers repeat calls whose reply was lost; a repeated call must not be a second task.",
    checks: [
      {
        name: "10 repetitions add no row, no event, no execution",
        async run(context) {
          const { store } = context;
          await enqueueOne(store, ORIGINAL);
          const stores = [store, context.connect()];
          await context.advance(1000);
          await unchanged(store, "one", "enqueueing the same task 10 times more", async () => {
            for (let time = 0; time < 10; time++) {
              const answer = await offer(stores[time % 2] ?? store, ORIGINAL);
              expectSame(answer, { status: "existing", id: "one" }, "the answer to the same task again");
            }
          });
          expectSame(await countOf(store), 1, "tasks stored");
          await settled(store, await claimOne(store), complete());
          await expectNoClaim(store, "the only task is done");
        },
      },
      {
        name: "headers are not content, nor is an absolute due time",
        async run({ store }) {
          const original = newTask({ id: "one", due: { at: 1_000_000 } });
          await enqueueOne(store, original);
          for (const other of [{ headers: { correlation_id: "another" } }, { due: { at: 2_000_000 } }]) {
            const what = `the same task with other ${Object.keys(other).join()}`;
            const answer = await unchanged(store, "one", `enqueueing ${what}`, () =>
              offer(store, { ...original, ...other }),
            );
            expectSame(answer, { status: "existing", id: "one" }, `the answer to ${what}`);
          }
        },
      },
      {
        name: "whatever became of the task meanwhile",
        async run({ store }) {
          for (const status of STATUSES) {
            const { id, queue } = await taskIn(store, status, status);
            await unchanged(store, id, `enqueueing the same ${status} task again`, async () => {
              const answer = await offer(store, newTask({ id, queue }));
              expectSame(answer, { status: "existing", id }, `the answer to the same task, now ${status}`);
            });
          }
        },
      },
    ],
  },
  {
    id: "ENQ-4",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "enqueue",
    statement:
      "Same id + different content rejects `DuplicateTaskError`; stored task unchanged, whatever its state.",
    why: "Two different orders under one id would silently become one.",
    checks: [
      {
        name: "each part of the content counts",
        async run({ store }) {
          await enqueueOne(store, ORIGINAL);
          for (const [what, change] of Object.entries(OTHER_CONTENT)) {
            const answer = await unchanged(store, "one", `enqueueing with another ${what}`, () =>
              offer(store, { ...ORIGINAL, ...change }),
            );
            expectThat(
              answer.status === "error",
              `enqueue of a known id with another ${what} answered ${show(answer)}`,
            );
            expectError(answer.error, DUPLICATE, `enqueue of a known id with another ${what}`);
          }
          expectSame(await countOf(store), 1, "tasks stored");
        },
      },
      {
        name: "whatever the state of the stored task",
        async run({ store }) {
          for (const status of STATUSES) {
            const { id, queue } = await taskIn(store, status, status);
            const answer = await unchanged(
              store,
              id,
              `enqueueing other content under the id of a ${status} task`,
              () => offer(store, newTask({ id, queue, payload: "other" })),
            );
            expectThat(
              answer.status === "error",
              `enqueue over a ${status} task with other content answered ${show(answer)}`,
            );
            expectError(answer.error, { ...DUPLICATE, taskId: id }, `enqueue over a ${status} task`);
            expectSame((await read(store, id)).status, status, "the status of the stored task");
          }
        },
      },
    ],
  },
];

const DUPLICATE = { name: "DuplicateTaskError", code: "duplicate_task" };
