import type { BaseStorage, ImportedTask, NewTask } from "@omniq/core/storage";
import { newTask } from "../steps.ts";

type Call = (store: BaseStorage) => Promise<unknown>;

/** What no type allows, as callers without types pass it. */
const bad = <T>(value: unknown): T => value as T;

const TEXTS: readonly (readonly [string, unknown])[] = [
  ["an empty text", ""],
  ["a NUL", "a\0b"],
  ["a lone surrogate", "a\ud800"],
  ["a number", 5],
  ["nothing", undefined],
  ["a text too long", "x".repeat(10_000)],
];

/** The calls that take an id or a name, each with a text that is none. */
const WITH_TEXT: Readonly<Record<string, (store: BaseStorage, text: string) => Promise<unknown>>> = {
  getTask: (store, id) => store.getTask(id),
  reschedule: (store, id) => store.reschedule(id, new Date(5)),
  cancel: (store, id) => store.cancel(id),
  retryTask: (store, id) => store.retryTask(id),
  deleteTask: (store, id) => store.deleteTask(id, { force: true }),
  hold: (store, id) => store.hold(id, "a reason"),
  "hold, its reason": (store, reason) => store.hold("waiting", reason),
  unhold: (store, id) => store.unhold(id, "a reason"),
  schedule: (store, id) => store.schedule({ ...newTask(), id }),
  pauseQueue: (store, name) => store.pauseQueue(name),
  resumeQueue: (store, name) => store.resumeQueue(name),
  getResult: (store, id) => store.getResult(id),
  putResult: (store, taskId) => store.putResult({ taskId, run: 1, status: "SUCCESS" }),
  deleteResult: (store, id) => store.deleteResult(id),
  "dequeue, its worker": (store, workerId) => store.dequeue({ limit: 1, workerId, leaseMs: 1 }),
  "dequeue, its queue": (store, name) =>
    store.dequeue({ queues: [{ name, limit: 1 }], limit: 1, workerId: "w", leaseMs: 1 }),
};

const DEQUEUE = { limit: 1, workerId: "w", leaseMs: 1 };

const OTHERS: readonly (readonly [string, Call])[] = [
  ...[-1, 0.5, Number.NaN, 1e9].map((limit): readonly [string, Call] => [
    `dequeue with limit ${limit}`,
    (store) => store.dequeue({ ...DEQUEUE, limit }),
  ]),
  ...[0, -5, 0.5].map((leaseMs): readonly [string, Call] => [
    `dequeue with leaseMs ${leaseMs}`,
    (store) => store.dequeue({ ...DEQUEUE, leaseMs }),
  ]),
  ...[Number.NaN, -1, Date.UTC(10_000, 0, 1)].map((instant): readonly [string, Call] => [
    `reschedule to ${instant}`,
    (store) => store.reschedule("waiting", new Date(instant)),
  ]),
  ...["", "garbage", "5", 5].flatMap((cursor): readonly (readonly [string, Call])[] => [
    [`listTasks from ${JSON.stringify(cursor)} on`, (store) => store.listTasks({ cursor: bad(cursor) })],
    [`queryEvents from ${JSON.stringify(cursor)} on`, (store) => store.queryEvents({ cursor: bad(cursor) })],
    [`listResults from ${JSON.stringify(cursor)} on`, (store) => store.listResults({ cursor: bad(cursor) })],
  ]),
  ["reschedule to a text", (store) => store.reschedule("waiting", bad("tomorrow"))],
  ["deleteTask with an unknown option", (store) => store.deleteTask("waiting", bad({ forced: true }))],
  [
    "schedule with a priority between two",
    (store) => store.schedule({ ...newTask({ priority: 0.5 }), id: "waiting" }),
  ],
  ["schedule with an interval of 0", (store) => store.schedule(bad<NewTask & { id: string }>(EVERY_0))],
  ["listTasks with limit 0", (store) => store.listTasks({ limit: 0 })],
  ["listTasks with limit 100,000", (store) => store.listTasks({ limit: 100_000 })],
  ["listTasks with an unknown status", (store) => store.listTasks(bad({ status: "DONE" }))],
  ["listTasks with an unknown option", (store) => store.listTasks(bad({ state: "PENDING" }))],
  ["purge from before 1970", (store) => store.purge({ before: -1 })],
  ["purge with limit 0", (store) => store.purge({ before: 5, limit: 0 })],
  ["purge of waiting tasks", (store) => store.purge(bad({ before: 5, status: "PENDING" }))],
  ["purge with an unknown option", (store) => store.purge(bad({ before: 5, queue: "work" }))],
  ["getResult of run 0", (store) => store.getResult("waiting", { run: 0 })],
  ["putResult of run 0", (store) => store.putResult({ taskId: "waiting", run: 0, status: "SUCCESS" })],
  [
    "putResult of a run that waits",
    (store) => store.putResult(bad({ taskId: "waiting", run: 1, status: "PENDING" })),
  ],
  ["deleteResult of run 0", (store) => store.deleteResult("waiting", { run: 0 })],
  ["purgeResults with limit 0", (store) => store.purgeResults({ limit: 0 })],
  ["queryEvents with limit 0", (store) => store.queryEvents({ limit: 0 })],
  ["queryEvents of an unknown type", (store) => store.queryEvents(bad({ type: "finished" }))],
  ["queryEvents from no instant", (store) => store.queryEvents({ from: Number.NaN })],
  ["queryEvents with an unknown option", (store) => store.queryEvents(bad({ id: "waiting" }))],
  ["purgeEvents from before 1970", (store) => store.purgeEvents({ before: -1 })],
  ["schedule of nothing", (store) => store.schedule(bad<NewTask & { id: string }>(undefined))],
  ["putResult of nothing", (store) => store.putResult(bad(undefined))],
  ["purgeEvents of nothing", (store) => store.purgeEvents(bad(undefined))],
  ["dequeue of nothing", (store) => store.dequeue(bad(undefined))],
  ["exchange of nothing", (store) => store.exchange(bad({}))],
  ["exchange without settlements", (store) => store.exchange(bad({ dequeue: CLAIM }))],
  ["nextDue of queues that are no list", (store) => store.nextDue(bad({ queues: 5 }))],
  ["importTasks of nothing", (store) => store.importTasks(bad(undefined))],
  ["importTasks of null", (store) => store.importTasks(bad([null]))],
  ["appendEvents of nothing", (store) => store.appendEvents(bad(undefined))],
  ["appendEvents of an empty event", (store) => store.appendEvents(bad([{}]))],
  ["importEvents of null", (store) => store.importEvents(bad([null]))],
  ["importResults of an empty result", (store) => store.importResults(bad([{}]))],
  ["importTasks of a running task", (store) => store.importTasks(bad<ImportedTask[]>([RUNNING]))],
];

const EVERY_0 = {
  ...newTask(),
  id: "waiting",
  recurrence: { everyMs: 0, cadence: "after", missed: "skip", onFailure: "continue" },
};

const CLAIM = { limit: 1, workerId: "worker", leaseMs: 1000 };

const RUNNING = { id: "imported", queue: "work", status: "RUNNING" };

/** Calls with bad arguments on a store with a task `waiting`; each must be refused. */
export const BAD_CALLS: readonly (readonly [string, Call])[] = [
  ...Object.entries(WITH_TEXT).flatMap(([call, make]) =>
    TEXTS.map(([what, text]): readonly [string, Call] => [
      `${call} with ${what}`,
      (store) => make(store, bad(text)),
    ]),
  ),
  ...OTHERS,
];
