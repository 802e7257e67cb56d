import assert from "node:assert/strict";
import type { BaseStorage, PutResultParams } from "@omniq/core/storage";
import { CONTRACT_VERSION, DEFAULT_CAPABILITIES } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import { describe, it } from "vitest";
import { type FakeStorage, fakeStorage } from "./support/fake-storage.ts";
import { NOW, storedTask } from "./support/records.ts";

const result = { taskId: "task-1", run: 1, status: "SUCCESS", value: 5 } as const;

describe("storing a result", () => {
  async function stored(params: Partial<PutResultParams>): Promise<unknown> {
    const given: unknown[] = [];
    const store = fakeStorage({ doPutResult: (put: never) => void given.push(put) });
    await store.putResult({ ...result, ...params });
    return given[0];
  }

  it("says what is left out", async () => {
    assert.deepEqual(await stored({}), {
      taskId: "task-1",
      pendingToken: null,
      result: {
        run: 1,
        status: "SUCCESS",
        value: "5",
        format: "json",
        error: null,
        attempts: 0,
        startedAt: null,
        ttlMs: 86_400_000,
      },
    });
  });

  it("of a failure has an error, and no value", async () => {
    const put = (await stored({
      status: "FAILED",
      error: new Error("x"),
      ttlMs: null,
      pendingToken: "5",
    })) as {
      readonly pendingToken: string;
      readonly result: { readonly value: null; readonly error: string; readonly ttlMs: null };
    };
    assert.deepEqual([put.pendingToken, put.result.value, put.result.ttlMs], ["5", null, null]);
    assert.partialDeepStrictEqual(JSON.parse(put.result.error), { error_type: "runtime", message: "x" });
  });

  it("that is not to live is not done", async () => {
    assert.equal(await stored({ ttlMs: 0 }), undefined);
  });

  it.each<[code: string, params: object]>([
    ["invalid_id", { taskId: "" }],
    ["invalid_run", { run: 0 }],
    ["invalid_status", { status: "PENDING" }],
    ["invalid_ttl", { ttlMs: -1 }],
    ["not_serializable", { value: 5n }],
    ["result_too_large", { value: "x".repeat(DEFAULT_CAPABILITIES.maxPayloadBytes) }],
  ])("is refused as %s", async (code, params) => {
    await assert.rejects(stored(params), { code });
  });
});

describe("reading a result", () => {
  it("is by task and run, or of the latest run", async () => {
    const given: unknown[] = [];
    const store = fakeStorage({
      doGetResult: (key: never) => {
        given.push(key);
        return null;
      },
      doDeleteResult: (key: never) => {
        given.push(key);
        return true;
      },
    });
    assert.equal(await store.getResult("task-1"), null);
    assert.equal(await store.getResult("task-1", { run: 2 }), null);
    assert.equal(await store.deleteResult("task-1"), true);
    assert.equal(await store.deleteResult("task-1", { run: 2 }), true);
    const keys = [null, 2].map((run) => ({ taskId: "task-1", run }));
    assert.deepEqual(given, [...keys, ...keys]);
    await assert.rejects(store.getResult("task-1", { run: 0 }), { code: "invalid_run" });
    await assert.rejects(store.deleteResult("task-1", { run: 1.5 }), { code: "invalid_run" });
  });
});

describe("events", () => {
  const event = { taskId: "task-1", type: "failed", run: 1, attempt: 1, workerId: null, data: null } as const;

  it("are asked for with every choice made, and read", async () => {
    const given: unknown[] = [];
    const store = fakeStorage({
      doQueryEvents: (params: never) => {
        given.push(params);
        return { events: [{ ...event, sequence: 1, timestamp: NOW }], cursor: "1" };
      },
    });
    const page = await store.queryEvents();
    assert.deepEqual(page.events, [{ ...event, sequence: 1, timestamp: new Date(NOW) }]);
    const full = {
      taskId: "t",
      type: "failed",
      workerId: "w",
      from: 0,
      to: NOW,
      limit: 5,
    } as const;
    await store.queryEvents({ ...full, cursor: page.cursor });
    assert.deepEqual(given, [
      { taskId: null, type: null, workerId: null, from: null, to: null, cursor: null, limit: 100 },
      { ...full, cursor: "1" },
    ]);
  });

  it.each<[code: string, params: object]>([
    ["unknown_option", { task: "t" }],
    ["invalid_limit", { limit: 0 }],
    ["invalid_limit", { limit: 1001 }],
    ["invalid_type", { type: "broken" }],
    ["invalid_from", { from: -1 }],
    ["invalid_to", { to: Number.NaN }],
  ])("are refused as %s: %o", async (code, params) => {
    await assert.rejects(fakeStorage().queryEvents(params), { code });
  });

  it("are appended as they are", async () => {
    const given: unknown[] = [];
    const store = fakeStorage({ doAppendEvents: (events: never) => void given.push(events) });
    await store.appendEvents([event]);
    assert.deepEqual(given, [[event]]);
  });
});

describe("purging", () => {
  it("takes a thousand at a time where nothing is said", async () => {
    const given: unknown[] = [];
    const store = fakeStorage({
      doPurgeResults: (limit: never) => given.push(limit),
      doPurgeEvents: (...args: never[]) => given.push(args),
    });
    await store.purgeResults();
    await store.purgeResults({ limit: 5 });
    await store.purgeEvents({ before: NOW });
    await store.purgeEvents({ before: NOW, limit: 5 });
    assert.deepEqual(given, [1000, 5, [NOW, 1000], [NOW, 5]]);
    await assert.rejects(store.purgeResults({ limit: 0 }), { code: "invalid_limit" });
    await assert.rejects(store.purgeEvents({ before: -1 }), { code: "invalid_before" });
    await assert.rejects(store.purgeEvents({ before: 0, limit: 0 }), { code: "invalid_limit" });
  });
});

describe("a store", () => {
  it("describes itself, by default with the least", async () => {
    const live = { durability: { fsync: "on" }, versions: { engine: "1" } };
    const store = fakeStorage({ doDescribe: () => live }, { capabilities: { durable: true } });
    assert.deepEqual(await store.describe(), {
      adapter: "fake",
      adapterVersion: "1.2.3",
      contractVersion: CONTRACT_VERSION,
      capabilities: { ...DEFAULT_CAPABILITIES, durable: true },
      ...live,
    });
  });

  it("is opened by the first call, closed once, and refuses every call then", async () => {
    const store = fakeStorage({ doCountTasks: () => [] });
    await Promise.all([store.open(), store.countTasks(), store.open()]);
    await store.close();
    await store[Symbol.asyncDispose]();
    assert.deepEqual(store.calls, ["doOpen", "doCountTasks", "doClose"]);
    const calls: ((closed: BaseStorage) => Promise<unknown>)[] = [
      (closed) => closed.open(),
      (closed) => closed.enqueue({ groups: [] }),
      (closed) => closed.getTask("task-1"),
      (closed) => closed.watch(() => {}),
      (closed) => closed.destroy(),
    ];
    for (const call of calls) await assert.rejects(call(store), { name: "ClosedError", code: "closed" });
  });

  it("is closed by being destroyed", async () => {
    const store = fakeStorage({ doDestroy: () => {} });
    await store.destroy();
    assert.deepEqual(store.calls, ["doOpen", "doDestroy", "doClose"]);
  });

  it("lets go of what it holds, though its watch cannot be closed", async () => {
    const store = fakeStorage({
      doWatch: () => ({ close: () => Promise.reject(new Error("stuck")) }),
    });
    await store.watch(() => {});
    await assert.rejects(store.close(), {
      name: "StorageError",
      message: "Failed to close the store: stuck",
    });
    assert.equal(store.calls.at(-1), "doClose");
  });

  it("without wake-up of its own hints within the process", async () => {
    const store = fakeStorage({
      doEnqueue: () => ({ now: NOW, groups: [[{ status: "created", id: "a" }]] }),
    });
    let hints = 0;
    const watch = await store.watch(() => hints++);
    await store.enqueue({ groups: [[{ name: "x" }]] });
    await watch.close();
    await store.enqueue({ groups: [[{ name: "x" }]] });
    assert.equal(hints, 1);
  });

  it("is refused with a level of events that there is not", () => {
    assert.throws(() => fakeStorage({}, { events: "some" as "all" }), { code: "invalid_events" });
  });

  it("mints ids by the source that it was given", async () => {
    const store = fakeStorage(
      {
        doEnqueue: ({ groups }: { groups: { id: string }[][] }) => ({
          now: NOW,
          groups: groups.map((group) => group.map(({ id }) => ({ status: "created", id }))),
        }),
      },
      { ids: () => "minted" },
    );
    const { groups } = await store.enqueue({ groups: [[{ name: "x" }]] });
    assert.deepEqual(groups, [[{ status: "created", id: "minted" }]]);
  });
});

describe("the time of a store", () => {
  /** When a fixed schedule that begins now is anchored, once the store has told its time. */
  async function anchored(serverTime: boolean): Promise<number> {
    let schedule = "";
    const store: FakeStorage = fakeStorage(
      {
        doNextDue: () => ({ now: NOW + 3_600_000, at: null }),
        doEnqueue: ({ groups }: { groups: { schedule: string }[][] }) => {
          schedule = groups[0]?.[0]?.schedule ?? "";
          return { now: NOW, groups: [[{ status: "created", id: "a" }]] };
        },
      },
      { clock: new ManualClock(NOW), capabilities: { serverTime } },
    );
    await store.nextDue({ queues: [] });
    const recurrence = { everyMs: 1000, cadence: "fixed", missed: "skip", onFailure: "continue" } as const;
    await store.enqueue({ groups: [[{ name: "x", recurrence }]] });
    return (JSON.parse(schedule) as { readonly anchorMs: number }).anchorMs;
  }

  it("is the clock's, unless the store has one of its own", async () => {
    assert.equal(await anchored(false), NOW);
    assert.equal(await anchored(true), NOW + 3_600_000);
  });
});

describe("reading a task", () => {
  it("answers null where there is none, and never shows what guards it", async () => {
    const store = fakeStorage({ doGetTask: (id: string) => (id === "task-1" ? storedTask() : null) });
    assert.equal(await store.getTask("other"), null);
    const task = await store.getTask("task-1");
    assert.ok(task);
    for (const key of ["token", "revision", "settledToken", "settledDigest"]) assert.ok(!(key in task), key);
  });
});
