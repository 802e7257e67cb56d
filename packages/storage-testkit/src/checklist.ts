import { expectRejection, expectSame, expectStorageError, expectThat } from "./expect.ts";
import { type HookName, interceptHook } from "./hooks.ts";
import type { Check } from "./rule.ts";
import type { RuleContext } from "./rule-context.ts";
import { snapshot } from "./snapshot.ts";
import {
  claim,
  claimOne,
  complete,
  countOf,
  enqueueOne,
  expectNoClaim,
  fail,
  read,
  readResult,
  renew,
  retry,
  settled,
  started,
} from "./steps.ts";
import { missingIdGivesNull } from "./topics/get-task.ts";
import { intervalRunsAgain } from "./topics/recurring.ts";
import { rescheduleRefusesMissing, rescheduleSetsEta, rescheduleSetsPending } from "./topics/reschedule.ts";

/** One point of the checklist for `getTask` and `reschedule` (S4.6 of docs/requirements.md). */
export interface ChecklistPoint {
  readonly point: number;
  /** What the point asks. */
  readonly name: string;
  readonly checks: readonly Check[];
}

/** The ten points that a backend is asked for in so many words, by name. */
export const CHECKLIST: readonly ChecklistPoint[] = [
  {
    point: 1,
    name: "getTask returns the task of a valid id",
    checks: [
      {
        name: "the task as it was enqueued",
        async run(context) {
          const id = await enqueueOne(context.store, {
            id: "task-123",
            payload: { order: 7 },
            maxRetries: 2,
          });
          const task = await read(context.connect(), id);
          expectSame(
            [task.id, task.name, task.status, task.payload, task.maxRetries, task.attempts],
            ["task-123", "sample", "PENDING", { order: 7 }, 2, 0],
            "id, name, status, payload, maxRetries, attempts",
          );
          expectThat(task.schedule.eta instanceof Date, "task.schedule.eta is no Date");
        },
      },
    ],
  },
  { point: 2, name: "getTask returns null for a missing id", checks: [missingIdGivesNull] },
  {
    point: 3,
    name: "getTask rejects StorageError when the retrieval fails",
    checks: [
      failureOf("doGetTask", "Failed to retrieve task one: the disk is on fire", ({ store }) =>
        store.getTask("one"),
      ),
      closed("getTask"),
    ],
  },
  { point: 4, name: "reschedule updates the eta", checks: [rescheduleSetsEta] },
  { point: 5, name: "reschedule sets the status to PENDING", checks: [rescheduleSetsPending] },
  { point: 6, name: "reschedule rejects NotFoundError for a missing id", checks: [rescheduleRefusesMissing] },
  {
    point: 7,
    name: "reschedule rejects StorageError when the update fails",
    checks: [
      failureOf("doWrite", "Failed to reschedule task one: the disk is on fire", ({ store, now }) =>
        store.reschedule("one", new Date(now + 5)),
      ),
      closed("reschedule"),
    ],
  },
  {
    point: 8,
    name: "retry works with the store",
    checks: [
      {
        name: "two failures, then a success",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store, { maxRetries: 3 });
          for (const attempt of [1, 2]) {
            await settled(store, await claimOne(store), retry(1000, `failure ${attempt}`));
            const { status, attempts, failures, error } = await read(store, id);
            expectSame(
              [status, attempts, failures, error?.message],
              ["PENDING", attempt, attempt, `failure ${attempt}`],
              "the task that waits",
            );
            await expectNoClaim(store, "its retry is due in a second");
            await context.advance(1000);
          }
          await settled(store, await claimOne(store), complete("at last"));
          const { status, attempts, error } = await read(store, id);
          expectSame(
            [status, attempts, error],
            ["SUCCESS", 3, null],
            "the task in the end: status, attempts, error",
          );
          expectSame((await readResult(store, id)).value, "at last", "its result");
        },
      },
    ],
  },
  { point: 9, name: "interval tasks are rescheduled", checks: [intervalRunsAgain] },
  {
    point: 10,
    name: "everything else works as before",
    checks: [{ name: "the other calls, once each", run: everythingElse }],
  },
];

/** The store's own failure reaches the caller as a StorageError with the cause, and the store works again. */
function failureOf(hook: HookName, message: string, call: (context: RuleContext) => Promise<unknown>): Check {
  return {
    name: `${hook} fails once`,
    async run(context) {
      const { store } = context;
      await enqueueOne(store, { id: "one" });
      const before = await snapshot(store, "one");
      const cause = new Error("the disk is on fire");
      let failures = 0;
      interceptHook(store, hook, async (args, original) => {
        if (failures++ === 0) throw cause;
        return original(...args);
      });
      const error = await expectRejection(
        call(context),
        { name: "StorageError", code: "storage_failure" },
        "the call",
      );
      expectStorageError(error, "the call");
      expectSame(error.message, message, "the message");
      expectThat(error.cause === cause, "the cause is not the error that the store threw");
      expectSame(await snapshot(store, "one"), before, "the task afterwards");
      await call(context);
    },
  };
}

function closed(method: "getTask" | "reschedule"): Check {
  return {
    name: "on a closed store",
    async run(context) {
      const store = context.connect();
      await enqueueOne(store, { id: "one" });
      await store.close();
      const call =
        method === "getTask" ? store.getTask("one") : store.reschedule("one", new Date(context.now));
      expectStorageError(
        await expectRejection(call, { name: "ClosedError", code: "closed" }, method),
        method,
      );
    },
  };
}

async function everythingElse(context: RuleContext): Promise<void> {
  const { store } = context;
  const done = await started(store);
  expectSame((await renew(store, done, 60_000)).status, "renewed", "the answer to renew");
  await settled(store, done, complete([1]));
  expectSame((await readResult(store, done.record.id)).value, [1], "the result");
  await settled(store, await started(store), fail());
  const cancelled = await enqueueOne(store);
  await store.cancel(cancelled);
  await store.retryTask(cancelled);
  await store.pauseQueue("work");
  expectSame(await store.nextDue(), { now: context.now, at: null }, "nextDue with every queue paused");
  await store.resumeQueue("work");
  expectSame(await store.nextDue(), { now: context.now, at: context.now }, "nextDue with a task due now");
  expectSame((await claim(store, { limit: 5 })).length, 1, "tasks claimed");
  expectSame(await countOf(store), 3, "tasks stored");
  await context.advance(1);
  expectSame(await store.purge({ before: context.now }), 2, "finished tasks purged");
  expectSame(
    (await store.listTasks()).tasks.map(({ id }) => id),
    [cancelled],
    "tasks left",
  );
  await store.deleteTask(cancelled, { force: true });
  expectSame(await store.getTask(cancelled), null, "getTask of the deleted task");
  await store.destroy();
  const next = context.connect();
  expectSame([await countOf(next), await next.listQueues()], [0, []], "tasks and queues after destroy");
}
