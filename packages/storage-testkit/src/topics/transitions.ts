import { type BaseStorage, type Operation, TRANSITIONS, type Transition } from "@omniq/core/storage";
import type { Task, TaskStatus } from "@omniq/core";
import { expectRejection, expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { runHistories } from "../model/histories.ts";
import { unchanged } from "../snapshot.ts";
import { STATUSES, type TaskInState, taskIn } from "../states.ts";
import { claim, complete, fail, idsOf, newTask, read, renew, retry, settle, settled } from "../steps.ts";
import { expectFenced } from "./fencing.ts";
import { OUTCOMES } from "./outcomes.ts";

/** How each operation is called, on a task alone in its queue. */
const CALLS: Readonly<
  Record<Operation, (store: BaseStorage, task: TaskInState, now: number) => Promise<unknown>>
> = {
  reschedule: (store, { id }, now) => store.reschedule(id, new Date(now + 777)),
  schedule: (store, { id, queue }) => store.schedule({ ...newTask({ queue, payload: "declared anew" }), id }),
  cancel: (store, { id }) => store.cancel(id),
  retry: (store, { id }) => store.retryTask(id),
  hold: (store, { id }) => store.hold(id, "a reason"),
  unhold: (store, { id }) => store.unhold(id, "the first reason"),
  delete: (store, { id }) => store.deleteTask(id),
};

/** The rule that no pair of state and operation is left to chance. */
export const transitionRules: readonly Rule[] = [
  {
    id: "FIN-5",
    level: "required",
    kinds: ["model"],
    since: "1.0",
    topic: "finish",
    statement:
      "The transition table is total: every (state, operation) pair is either listed or rejects " +
      "`InvalidTransitionError` and changes nothing.",
    why: "A pair that nobody thought of is where two stores behave differently.",
    checks: [
      ...(Object.keys(CALLS) as Operation[]).map((operation) => ({
        name: `${operation}, in each state`,
        async run(context: RuleContext) {
          for (const status of STATUSES) await provePair(context, operation, status);
        },
      })),
      {
        name: "delete by force, in each state",
        async run({ store }) {
          for (const status of STATUSES) {
            const { id } = await taskIn(store, status, status);
            await store.deleteTask(id, { force: true });
            expectSame(await store.getTask(id), null, `a ${status} task after deleteTask by force`);
          }
        },
      },
      {
        name: "settle and renew with a superseded token, in each state",
        async run(context) {
          for (const [status, reason] of LOST_IN) {
            const task = await supersededIn(context.store, status);
            await expectFenced(context.connect(), task, reason);
          }
        },
      },
      {
        name: "settle with the token that settled last, in each state",
        async run({ store, now }) {
          for (const [status, outcome] of SETTLED_IN) {
            const id = `settled ${status}`;
            const { queue, claimed } = await taskIn(store, "RUNNING", id);
            if (!claimed) continue;
            await settled(store, claimed, outcome);
            if (status === "RUNNING") await claim(store, { queue });
            if (status === "CANCELLED") await store.cancel(id);
            if (status === "PENDING") await store.reschedule(id, new Date(now + 5));
            expectSame((await read(store, id)).status, status, `the status of "${id}"`);
            await unchanged(store, id, `a settlement repeated on a ${status} task`, async () => {
              expectSame(
                (await settle(store, claimed, outcome)).status,
                "repeated",
                `the same outcome again, the task ${status}`,
              );
              expectSame(
                (await settle(store, claimed, complete("other"))).status,
                "conflict",
                `another outcome, the task ${status}`,
              );
              expectSame(
                (await renew(store, claimed)).status,
                "lost",
                `renew with a settled token, the task ${status}`,
              );
            });
          }
        },
      },
      {
        name: "settle and renew with the current token, each outcome",
        async run({ store }) {
          for (const [kind, status] of Object.entries({
            complete: "SUCCESS",
            fail: "FAILED",
            retry: "PENDING",
            release: "PENDING",
          })) {
            const { id, claimed } = await taskIn(store, "RUNNING", kind);
            if (!claimed) continue;
            expectSame((await renew(store, claimed)).status, "renewed", "the answer to renew");
            expectSame((await read(store, id)).status, "RUNNING", "the status after renew");
            await settled(store, claimed, OUTCOMES[kind as keyof typeof OUTCOMES]);
            expectSame((await read(store, id)).status, status, `the status after ${kind}`);
          }
        },
      },
      { name: "random histories against a model", run: (context) => runHistories(context, "states") },
    ],
  },
];

const LOST_IN: readonly [TaskStatus, string][] = [
  ["PENDING", "rescheduled"],
  ["RUNNING", "taken_over"],
  ["SUCCESS", "taken_over"],
  ["FAILED", "taken_over"],
  ["CANCELLED", "cancelled"],
];

const SETTLED_IN = [
  ["PENDING", retry(0)],
  ["RUNNING", retry(0)],
  ["SUCCESS", complete("first")],
  ["FAILED", fail("first")],
  ["CANCELLED", retry(0)],
] as const;

/** A holder whose task went on without it into this state. */
async function supersededIn(
  store: BaseStorage,
  status: TaskStatus,
): Promise<NonNullable<TaskInState["claimed"]>> {
  const id = `superseded ${status}`;
  const { queue, claimed } = await taskIn(store, "RUNNING", id);
  if (status === "CANCELLED") await store.cancel(id);
  else await store.reschedule(id, new Date(0));
  const successor =
    status === "PENDING" || status === "CANCELLED" ? undefined : (await claim(store, { queue }))[0];
  if (successor && status === "SUCCESS") await settled(store, successor, complete());
  if (successor && status === "FAILED") await settled(store, successor, fail());
  expectSame((await read(store, id)).status, status, `the status of "${id}"`);
  return claimed as NonNullable<TaskInState["claimed"]>;
}

/** Does the operation to a task in this state, and compares what comes of it with the table. */
async function provePair(context: RuleContext, operation: Operation, status: TaskStatus): Promise<void> {
  const { store } = context;
  const task = await taskIn(store, status, `${operation} ${status}`);
  if (operation === "unhold" && status === "PENDING") await store.hold(task.id, "the first reason");
  const before = await read(store, task.id);
  await context.advance(10);
  const what = `${operation} of a ${status} task`;
  const listed = TRANSITIONS[operation][status];
  const call = (): Promise<unknown> => CALLS[operation](context.connect(), task, context.now);
  if (!listed || listed.needsForce) {
    const refusal = { name: "InvalidTransitionError", code: "invalid_transition", taskId: task.id };
    await unchanged(store, task.id, what, () => expectRejection(call(), refusal, what));
  } else if (listed.to === "unchanged") {
    await unchanged(store, task.id, what, call);
  } else if (listed.to === "gone") {
    await call();
    expectSame(await store.getTask(task.id), null, `the task after ${what}`);
  } else {
    await call();
    await proveMove(context, task, before, listed, what);
  }
}

async function proveMove(
  { store, now }: RuleContext,
  task: TaskInState,
  before: Task,
  { to, newRun, keepsLease }: Transition,
  what: string,
): Promise<void> {
  const after = await read(store, task.id);
  const counters = ({ run, attempts, failures, recoveries }: Task) => ({
    run,
    attempts,
    failures,
    recoveries,
  });
  const fresh = { run: before.run + 1, attempts: 0, failures: 0, recoveries: 0 };
  expectSame(after.status, to, `the status after ${what}`);
  expectSame(counters(after), newRun ? fresh : counters(before), `run and counters after ${what}`);
  expectSame(after.updatedAt, new Date(now), `updatedAt after ${what}`);
  expectSame(after.leaseUntil, keepsLease ? before.leaseUntil : null, `leaseUntil after ${what}`);
  expectSame(after.finishedAt !== null, to === "CANCELLED", `whether finishedAt is set after ${what}`);
  if (task.claimed && before.status === "RUNNING") {
    expectSame(
      (await renew(store, task.claimed)).status,
      keepsLease ? "renewed" : "lost",
      `the holder's renew after ${what}`,
    );
  }
  if (to !== "PENDING")
    expectSame(idsOf(await claim(store, { queue: task.queue })), [], `tasks claimed after ${what}`);
}
