import type { BaseStorage, NewTask } from "@omniq/core/storage";
import { expectError, expectRejection, expectSame, expectStorageError, expectThat, show } from "../expect.ts";
import { type HookName, interceptHook } from "../hooks.ts";
import type { Rule } from "../rule.ts";
import { taskIn } from "../states.ts";
import { complete, enqueueOne, listAll, newTask, started } from "../steps.ts";
import { BAD_CALLS } from "./bad-arguments.ts";

const DEQUEUE = { limit: 1, workerId: "w", leaseMs: 1000 };

/** A call that needs the hook, on a store with a waiting task `waiting`. */
const CALLS: readonly (readonly [HookName, string, (store: BaseStorage) => Promise<unknown>])[] = [
  ["doEnqueue", "enqueue", (store) => store.enqueue({ groups: [[newTask()]] })],
  ["doEnqueue", "schedule", (store) => store.schedule({ ...newTask(), id: "waiting" })],
  ["doDequeue", "dequeue", (store) => store.dequeue({ ...DEQUEUE, queues: [{ name: "work", limit: 1 }] })],
  ["doListQueues", "dequeue of all queues", (store) => store.dequeue(DEQUEUE)],
  ["doRenew", "renew", (store) => store.renew({ renewals: [] })],
  ["doWrite", "settle", (store) => store.settle({ settlements: [] })],
  ["doGetTask", "getTask", (store) => store.getTask("waiting")],
  ["doWrite", "reschedule", (store) => store.reschedule("waiting", new Date(5))],
  ["doWrite", "cancel", (store) => store.cancel("waiting")],
  ["doGetTask", "retryTask", (store) => store.retryTask("waiting")],
  ["doWrite", "deleteTask", (store) => store.deleteTask("waiting")],
  ["doWrite", "hold", (store) => store.hold("waiting", "a reason")],
  ["doListTasks", "listTasks", (store) => store.listTasks()],
  ["doCountTasks", "countTasks", (store) => store.countTasks()],
  ["doListQueues", "listQueues", (store) => store.listQueues()],
  ["doSetQueuePaused", "pauseQueue", (store) => store.pauseQueue("work")],
  ["doPurge", "purge", (store) => store.purge({ before: 5 })],
  ["doNextDue", "nextDue", (store) => store.nextDue()],
  ["doImportTasks", "importTasks", (store) => store.importTasks([])],
  ["doGetResult", "getResult", (store) => store.getResult("waiting")],
  ["doPutResult", "putResult", (store) => store.putResult({ taskId: "put", run: 1, status: "SUCCESS" })],
  ["doDeleteResult", "deleteResult", (store) => store.deleteResult("waiting")],
  ["doPurgeResults", "purgeResults", (store) => store.purgeResults()],
  ["doAppendEvents", "appendEvents", (store) => store.appendEvents([])],
  ["doQueryEvents", "queryEvents", (store) => store.queryEvents()],
  ["doPurgeEvents", "purgeEvents", (store) => store.purgeEvents({ before: 5 })],
  ["doDescribe", "describe", (store) => store.describe()],
  ["doOpen", "open", (store) => store.open()],
  ["doDestroy", "destroy", (store) => store.destroy()],
];

/** The rule about how calls fail. */
export const errorRules: readonly Rule[] = [
  {
    id: "ERR-1",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "errors",
    statement:
      "Bad arguments reject `ValidationError` before any write; every other rejection is a `StorageError` with stable " +
      "`code`, `retryable`, `outcome: not-applied | unknown`, `cause`.",
    why: "A caller that must guess from the message whether to try again guesses wrong.",
    checks: [
      {
        name: "bad arguments are refused before any write",
        async run({ store }) {
          await enqueueOne(store, { id: "waiting" });
          const before = await everything(store);
          for (const [what, call] of BAD_CALLS) {
            const code = /^(invalid_[a-z_]+|unknown_option)$/;
            await expectRejection(call(store), { name: "ValidationError", code }, what);
          }
          expectSame(await everything(store), before, "all that is stored, after calls with bad arguments");
        },
      },
      {
        name: "a bad claim keeps exchange from settling",
        async run({ store }) {
          const task = await started(store, { id: "one" });
          const settle = { settlements: [{ task, outcome: complete() }] };
          const call = store.exchange({ settle, dequeue: { ...DEQUEUE, leaseMs: 0 } });
          await expectRejection(call, { name: "ValidationError", code: "invalid_lease" }, "exchange");
          expectSame(
            (await store.getTask("one"))?.status,
            "RUNNING",
            "the status after the refused exchange",
          );
        },
      },
      {
        name: "whatever a hook throws comes out as a StorageError with it as the cause",
        async run(context) {
          await enqueueOne(context.store, { id: "waiting" });
          for (const [hook, what, call] of CALLS) {
            for (const thrown of [new Error("the disk is on fire"), "a text"]) {
              const store = context.connect();
              if (hook !== "doOpen") await store.open();
              // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a driver may throw anything
              interceptHook(store, hook, () => Promise.reject(thrown));
              const told = `${what}, ${hook} having thrown ${show(thrown)}`.slice(0, 200);
              const error = await expectRejection(
                call(store),
                { name: "StorageError", code: "storage_failure" },
                told,
              );
              expectStorageError(error, told);
              const { outcome, cause } = error as Error & { readonly outcome?: unknown };
              expectSame(outcome, "unknown", `the outcome of ${told}`);
              expectThat(cause === thrown, `the cause of ${told} is ${show(cause)}`);
            }
          }
        },
      },
      {
        name: "refusals of the contract's own say that nothing was applied",
        async run({ store }) {
          for (const status of ["PENDING", "RUNNING", "SUCCESS"] as const)
            await taskIn(store, status, status);
          const refusals: readonly (readonly [string, string, () => Promise<unknown>])[] = [
            ["NotFoundError", "not_found", () => store.reschedule("missing", new Date(5))],
            ["NotFoundError", "not_found", () => store.cancel("missing")],
            ["InvalidTransitionError", "invalid_transition", () => store.retryTask("PENDING")],
            ["InvalidTransitionError", "invalid_transition", () => store.deleteTask("RUNNING")],
            ["InvalidTransitionError", "invalid_transition", () => store.hold("SUCCESS", "a reason")],
          ];
          for (const [name, code, call] of refusals) {
            const error = await expectRejection(call(), { name, code }, name);
            expectNotApplied(error, name);
          }
          const other = newTask({ id: "PENDING", payload: "other" });
          const answers = await errorsOf(store, [newTask(), other]);
          expectSame(answers.length, 2, "errors answered for a group with a duplicate");
          expectError(
            answers[0],
            { name: "StorageError", code: "group_refused" },
            "the task beside a duplicate",
          );
          expectError(answers[1], { name: "DuplicateTaskError", code: "duplicate_task" }, "the duplicate");
          for (const error of answers) expectNotApplied(error, "enqueue of a duplicate");
        },
      },
    ],
  },
];

function expectNotApplied(error: Error, what: string): void {
  expectStorageError(error, what);
  const { retryable, outcome } = error as Error & {
    readonly retryable?: unknown;
    readonly outcome?: unknown;
  };
  expectSame([retryable, outcome], [false, "not-applied"], `retryable and outcome of ${what}`);
}

async function errorsOf(store: BaseStorage, group: readonly NewTask[]): Promise<Error[]> {
  const { groups } = await store.enqueue({ groups: [group] });
  return groups.flat().flatMap((answer) => (answer.status === "error" ? [answer.error] : []));
}

async function everything(store: BaseStorage): Promise<unknown[]> {
  const { events } = await store.queryEvents({ limit: 1000 });
  return [await listAll(store), await store.listQueues(), events, await store.getResult("waiting")];
}
