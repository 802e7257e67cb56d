import assert from "node:assert/strict";
import type { BaseStorage, ImportedTask, TaskStatus, TaskWrite } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { type FakeStorage, fakeStorage } from "./support/fake-storage.ts";
import { NOW, storedTask, taskRecord } from "./support/records.ts";

/** A store that holds one task, and notes what is written to it. */
function storeOf(status: TaskStatus, options = {}): { store: FakeStorage; writes: TaskWrite[] } {
  const writes: TaskWrite[] = [];
  const store = fakeStorage(
    {
      doGetTask: (id: string) => (id === "task-1" ? storedTask({ status }) : null),
      doWrite: (given: readonly TaskWrite[]) => {
        writes.push(...given);
        return { now: NOW, answers: [{ written: true }] };
      },
      doNotify: () => {},
    },
    options,
  );
  return { store, writes };
}

const calls: readonly (readonly [
  name: string,
  call: (store: BaseStorage, id: string) => Promise<unknown>,
])[] = [
  ["reschedule", (store, id) => store.reschedule(id, new Date(NOW))],
  ["cancel", (store, id) => store.cancel(id)],
  ["retryTask", (store, id) => store.retryTask(id)],
  ["deleteTask", (store, id) => store.deleteTask(id)],
  ["hold", (store, id) => store.hold(id, "budget")],
  ["unhold", (store, id) => store.unhold(id, "budget")],
];

describe("an operator's call", () => {
  it.each(calls)("of an unknown task is refused: %s", async (_name, call) => {
    await assert.rejects(call(storeOf("PENDING").store, "other"), {
      name: "NotFoundError",
      code: "not_found",
      message: "Task other not found",
      taskId: "other",
    });
  });

  it.each(calls)("of no id at all is refused: %s", async (_name, call) => {
    const { store } = storeOf("PENDING");
    for (const id of ["", 5, undefined, "a\0b"]) {
      await assert.rejects(call(store, id as string), {
        name: "ValidationError",
        code: "invalid_id",
        field: "id",
      });
    }
    assert.deepEqual(store.calls, ["doOpen"]);
  });

  it.each<[status: TaskStatus, answer: boolean]>([
    ["PENDING", true],
    ["RUNNING", true],
    ["SUCCESS", false],
    ["CANCELLED", false],
  ])("cancels a %s task, and says whether it did: %s", async (status, answer) => {
    const { store, writes } = storeOf(status);
    assert.equal(await store.cancel("task-1"), answer);
    assert.equal(writes.length, answer ? 1 : 0);
  });

  it("deletes a running task by force alone", async () => {
    const { store, writes } = storeOf("RUNNING");
    await assert.rejects(store.deleteTask("task-1"), { code: "invalid_transition" });
    await assert.rejects(store.deleteTask("task-1", { forced: true } as object), { code: "unknown_option" });
    await store.deleteTask("task-1", { force: true });
    assert.deepEqual(
      writes.map(({ state }) => state),
      [null],
    );
  });

  it.each([[new Date(Number.NaN)], [new Date(-1)], ["tomorrow"], [undefined], [null]])(
    "reschedules to no instant that is none: %o",
    async (eta) => {
      const { store, writes } = storeOf("PENDING");
      await assert.rejects(store.reschedule("task-1", eta as Date), { code: "invalid_eta", field: "eta" });
      assert.deepEqual(writes, []);
    },
  );

  it.each(["hold", "unhold"] as const)("%s wants a reason", async (call) => {
    await assert.rejects(storeOf("PENDING").store[call]("task-1", ""), { code: "invalid_reason" });
  });

  it("keeps its event only where the level does", async () => {
    for (const [events, kept] of [
      ["all", 1],
      ["errors", 0],
      ["off", 0],
    ] as const) {
      const { store, writes } = storeOf("PENDING", { events });
      await store.reschedule("task-1", new Date(NOW));
      assert.equal(writes[0]?.events.length, kept);
    }
  });

  it("tells others of what may have become due", async () => {
    for (const [status, call, told] of [
      ["PENDING", "reschedule", true],
      ["FAILED", "retryTask", true],
      ["PENDING", "cancel", false],
    ] as const) {
      const { store } = storeOf(status);
      await calls.find(([name]) => name === call)?.[1](store, "task-1");
      assert.equal(store.calls.includes("doNotify"), told, call);
    }
  });
});

describe("an operator's call whose task changes meanwhile", () => {
  it("reads and decides anew", async () => {
    const states: TaskStatus[] = ["PENDING", "RUNNING", "CANCELLED"];
    const store = fakeStorage({
      doGetTask: () => storedTask({ status: states.shift() as TaskStatus }),
      doWrite: () => ({ now: NOW, answers: [{ written: false, current: null }] }),
    });
    assert.equal(await store.cancel("task-1"), false);
    assert.deepEqual(states, []);
  });

  it("gives up in the end, and may be made again", async () => {
    const store = fakeStorage({
      doGetTask: () => storedTask({ status: "PENDING" }),
      doWrite: () => ({ now: NOW, answers: [{ written: false, current: null }] }),
    });
    await assert.rejects(store.cancel("task-1"), {
      name: "StorageError",
      code: "contention",
      retryable: true,
      outcome: "not-applied",
    });
  });
});

describe("declaring a task under its id", () => {
  const declare = async (
    enqueued: string,
    digest: string,
    isAnnounced = false,
  ): Promise<{ status: string; told: boolean }> => {
    const store = fakeStorage({
      doEnqueue: () => ({ now: NOW, groups: [[{ status: enqueued, id: "task-1" }]], isAnnounced }),
      doGetTask: () => storedTask({ status: "PENDING", contentDigest: digest }),
      doWrite: () => ({ now: NOW, answers: [{ written: true }] }),
      doNotify: () => {},
    });
    const { id, status } = await store.schedule({ id: "task-1", name: "x" });
    assert.equal(id, "task-1");
    return { status, told: store.calls.includes("doNotify") };
  };

  it("creates, updates, or leaves it as it is", async () => {
    assert.deepEqual(await declare("created", ""), { status: "created", told: true });
    assert.deepEqual(await declare("existing", ""), { status: "unchanged", told: false });
    assert.deepEqual(await declare("duplicate", "other"), { status: "updated", told: true });
  });

  it("is told of once where the store has told of what is new itself", async () => {
    assert.deepEqual(await declare("created", "", true), { status: "created", told: false });
    assert.deepEqual(await declare("existing", "", true), { status: "unchanged", told: false });
    assert.deepEqual(await declare("duplicate", "other", true), { status: "updated", told: true });
  });
});

describe("what is listed, counted and purged", () => {
  it.each<[code: string, call: (store: BaseStorage) => Promise<unknown>]>([
    ["unknown_option", (store) => store.listTasks({ state: "PENDING" } as object)],
    ["invalid_limit", (store) => store.listTasks({ limit: 0 })],
    ["invalid_limit", (store) => store.listTasks({ limit: 1001 })],
    ["invalid_status", (store) => store.listTasks({ status: "DONE" as "PENDING" })],
    ["unknown_option", (store) => store.purge({ before: 0, queue: "q" } as { before: number })],
    ["invalid_before", (store) => store.purge({ before: -1 })],
    ["invalid_limit", (store) => store.purge({ before: 0, limit: 0 })],
    ["invalid_status", (store) => store.purge({ before: 0, status: "PENDING" as "FAILED" })],
    ["invalid_queue", (store) => store.pauseQueue("")],
    ["invalid_queue", (store) => store.resumeQueue("")],
    ["invalid_id", (store) => store.importTasks([{ ...taskRecord(), id: "" }])],
    ["invalid_queue", (store) => store.importTasks([{ ...taskRecord(), queue: "" }])],
    ["invalid_status", (store) => store.importTasks([taskRecord({ status: "RUNNING" })])],
  ])("is refused as %s before the store is asked", async (code, call) => {
    const store = fakeStorage();
    await assert.rejects(call(store), { name: "ValidationError", code });
    assert.deepEqual(store.calls, ["doOpen"]);
  });

  it("asks the store with every choice made", async () => {
    const given: unknown[] = [];
    const note = (answer: unknown) => (params: never) => {
      given.push(params);
      return answer;
    };
    const store = fakeStorage({
      doListTasks: note({ tasks: [], cursor: "5" }),
      doPurge: note(3),
      doCountTasks: () => [],
      doListQueues: () => [{ name: "q", paused: false }],
      doNextDue: (queues: never) => {
        given.push(queues);
        return { now: NOW, at: null };
      },
    });
    const { cursor } = await store.listTasks();
    await store.listTasks({ queue: "q", status: "FAILED", name: "x", cursor, limit: 1 });
    assert.equal(await store.purge({ before: NOW }), 3);
    await store.purge({ before: NOW, limit: 5, status: "FAILED" });
    assert.deepEqual(await store.countTasks(), []);
    assert.deepEqual(await store.nextDue(), { now: NOW, at: null });
    await store.nextDue({ queues: ["other"] });
    assert.deepEqual(given, [
      { queue: null, status: null, name: null, cursor: null, limit: 100 },
      { queue: "q", status: "FAILED", name: "x", cursor: "5", limit: 1 },
      { before: NOW, limit: 1000, status: null },
      { before: NOW, limit: 5, status: "FAILED" },
      ["q"],
      ["other"],
    ]);
  });
});

describe("pausing a queue", () => {
  it("is told to the store; resuming it to others too", async () => {
    const given: unknown[] = [];
    const store = fakeStorage({
      doSetQueuePaused: (...args: never[]) => void given.push(args),
      doNotify: () => void given.push("told"),
    });
    await store.pauseQueue("q");
    await store.resumeQueue("q");
    assert.deepEqual(given, [["q", true], ["q", false], "told"]);
  });
});

describe("importing tasks", () => {
  it("answers for each, and tells others", async () => {
    const store = fakeStorage({ doImportTasks: () => ["created", "existing"], doNotify: () => {} });
    const task = taskRecord({ status: "PENDING" }) as ImportedTask;
    assert.deepEqual(await store.importTasks([task, task]), ["created", "existing"]);
    assert.ok(store.calls.includes("doNotify"));
  });
});
