import assert from "node:assert/strict";
import { StorageError, TaskError } from "@omniq/core";
import type { ClaimedTask, TaskWrite } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { fakeStorage } from "./support/fake-storage.ts";
import { NOW, storedTask, taskRecord } from "./support/records.ts";

const claimed: ClaimedTask = {
  record: taskRecord(),
  lease: { taskId: "task-1", token: "0000000000000005" },
  recovered: false,
};
const done = { task: claimed, outcome: { kind: "complete" } } as const;
const claim = { limit: 2, workerId: "w", leaseMs: 1000, queues: [{ name: "q", limit: 2 }] } as const;

function codesOf(answers: readonly { readonly status: string; readonly error?: Error }[]): unknown {
  return answers.map(
    ({ status, error }) => (error as { readonly code?: string } | undefined)?.code ?? status,
  );
}

describe("settle", () => {
  it("answers each item, and hands only valid ones to the store", async () => {
    const store = fakeStorage({
      doWrite: (writes: readonly TaskWrite[]) => ({
        now: NOW,
        answers: writes.map((_write, index) =>
          index === 0 ? { written: true } : { written: false, current: null },
        ),
      }),
    });
    const bad = { ...done, task: { ...claimed, lease: { taskId: "task-1", token: "" } } };
    const orphan = { ...done, enqueue: [{ name: "" }] };
    const { answers } = await store.settle({ settlements: [bad, done, orphan, done] });
    assert.deepEqual(codesOf(answers), ["invalid_token", "settled", "invalid_name", "gone"]);
  });

  it("computes anew from a newer schedule, until it fits", async () => {
    const versions: unknown[] = [];
    let current = 1;
    const store = fakeStorage({
      doWrite: (writes: readonly TaskWrite[]) => {
        for (const { guard } of writes) versions.push("scheduleVersion" in guard && guard.scheduleVersion);
        current++;
        const written = current > 3;
        return {
          now: NOW,
          answers: [written ? { written } : { written, current: storedTask({ scheduleVersion: current }) }],
        };
      },
    });
    const { answers } = await store.settle({ settlements: [done] });
    assert.equal(answers[0]?.status, "settled");
    assert.deepEqual(versions, [1, 2, 3]);
  });

  it("says so where the schedule never stands still", async () => {
    const store = fakeStorage({
      doWrite: () => ({
        now: NOW,
        answers: [{ written: false, current: storedTask({ scheduleVersion: 9 }) }],
      }),
    });
    assert.deepEqual((await store.settle({ settlements: [done] })).answers, [{ status: "outdated" }]);
  });

  it("tells others of a task that was given back, and of no other", async () => {
    const store = fakeStorage({
      doWrite: () => ({ now: NOW, answers: [{ written: true }] }),
      doNotify: () => {},
    });
    await store.settle({ settlements: [done] });
    assert.ok(!store.calls.includes("doNotify"));
    await store.settle({ settlements: [{ task: claimed, outcome: { kind: "release" } }] });
    assert.ok(store.calls.includes("doNotify"));
  });
});

describe("outcomes with much to say", () => {
  const long = "x".repeat(3_000_000);
  const settlements = [1, 2, 3, 4, 5].map((n) => ({
    task: { ...claimed, lease: { ...claimed.lease, taskId: `task-${n}` } },
    outcome: { kind: "complete", result: long } as const,
  }));
  /** Takes so many calls, and fails then. */
  function storeOf(mostCalls: number) {
    const written: (readonly string[])[] = [];
    const store = fakeStorage({
      doWrite: (writes: readonly TaskWrite[]) => {
        if (written.length === mostCalls) throw new StorageError("disk_full", "The disk is full");
        written.push(writes.map(({ id }) => id));
        return { now: NOW, answers: writes.map(() => ({ written: true })) };
      },
      doDequeue: () => ({ now: NOW, claimed: [], recovered: [] }),
    });
    return { store, written };
  }
  const parts = [["task-1", "task-2"], ["task-3", "task-4"], ["task-5"]];

  it("go to the store in several calls", async () => {
    const { store, written } = storeOf(Infinity);
    const { answers } = await store.settle({ settlements });
    assert.deepEqual(written, parts);
    assert.deepEqual(codesOf(answers), Array(5).fill("settled"));
  });

  it("go before the claim that they came with", async () => {
    const { store, written } = storeOf(Infinity);
    const { answers } = await store.exchange({ settle: { settlements }, dequeue: claim });
    assert.deepEqual(written, parts);
    assert.equal(store.calls.at(-1), "doDequeue");
    assert.deepEqual(codesOf(answers), Array(5).fill("settled"));
  });

  it("are perhaps stored where one of the calls fails, and surely not where the first does", async () => {
    const failure = (calls: number) => storeOf(calls).store.settle({ settlements });
    await assert.rejects(failure(0), { code: "disk_full", outcome: "not-applied" });
    await assert.rejects(failure(1), { code: "disk_full", outcome: "unknown" });
  });
});

describe("exchange", () => {
  const nothing = { now: NOW, claimed: [], recovered: [] };
  const written = { now: NOW, answers: [{ written: true }] };

  it("settles, then claims, where the store cannot do both at once", async () => {
    const store = fakeStorage({ doWrite: () => written, doDequeue: () => nothing });
    const { answers } = await store.exchange({ settle: { settlements: [done] }, dequeue: claim });
    assert.equal(answers[0]?.status, "settled");
    assert.deepEqual(store.calls, ["doOpen", "doWrite", "doDequeue"]);
  });

  it("is one step where it can", async () => {
    const store = fakeStorage({ doExchange: () => ({ ...nothing, ...written }) });
    const { answers } = await store.exchange({ settle: { settlements: [done] }, dequeue: claim });
    assert.equal(answers[0]?.status, "settled");
    assert.deepEqual(store.calls, ["doOpen", "doExchange"]);
  });

  it("settles alone where there is no room, and claims alone where nothing is to be settled", async () => {
    const store = fakeStorage({ doWrite: () => written, doDequeue: () => nothing });
    await store.exchange({ settle: { settlements: [done] }, dequeue: { ...claim, limit: 0 } });
    await store.exchange({ settle: { settlements: [] }, dequeue: claim });
    await store.exchange({ settle: { settlements: [] }, dequeue: { ...claim, limit: 0 } });
    assert.deepEqual(store.calls, ["doOpen", "doWrite", "doDequeue"]);
  });

  it("settles once, though it looks again for tasks to hand out", async () => {
    let rounds = 0;
    const store = fakeStorage({
      doWrite: (writes: readonly TaskWrite[]) => ({
        now: NOW,
        answers: writes.map(() => ({ written: true })),
      }),
      doExchange: () => {
        rounds++;
        return { ...nothing, ...written, recovered: [storedTask({ recoveries: 4 })] };
      },
      doDequeue: () => nothing,
    });
    await store.exchange({ settle: { settlements: [done] }, dequeue: claim });
    assert.equal(rounds, 1);
    assert.deepEqual(store.calls, ["doOpen", "doExchange", "doWrite", "doDequeue"]);
  });
});

describe("renew", () => {
  it("answers each item in its place", async () => {
    const given: unknown[] = [];
    const answers = [
      { until: NOW + 5 },
      { current: null },
      { current: storedTask({ token: "0000000000000006" }) },
      { current: storedTask({ status: "CANCELLED", token: null }) },
    ];
    const store = fakeStorage({
      doRenew: (items: readonly unknown[]) => {
        given.push(...items);
        return { now: NOW, answers };
      },
    });
    const { lease } = claimed;
    const renewed = await store.renew({
      renewals: [
        { lease, leaseMs: 0 },
        { lease, leaseMs: 5, progress: { done: 1 } },
        { lease, leaseMs: 5, progress: 5n },
        { lease, leaseMs: 5 },
        { lease, leaseMs: 5 },
        { lease, leaseMs: 5 },
      ],
    });
    assert.deepEqual(codesOf(renewed.answers as never), [
      "invalid_lease",
      "renewed",
      "not_serializable",
      "gone",
      "lost",
      "lost",
    ]);
    assert.deepEqual(renewed.answers.slice(4), [
      { status: "lost", reason: "taken_over" },
      { status: "lost", reason: "cancelled" },
    ]);
    assert.deepEqual(given[0], { id: "task-1", token: lease.token, leaseMs: 5, progress: '{"done":1}' });
    assert.equal((given[1] as { readonly progress: string | null }).progress, null);
  });
});

describe("the payload of a claimed task", () => {
  it("is read by the store's serializer", () => {
    const store = fakeStorage();
    assert.deepEqual(store.decodePayload(taskRecord({ payload: "[1]" })), [1]);
    assert.throws(() => store.decodePayload(taskRecord({ payload: "[" })), { code: "corrupt_record" });
  });

  it("that failed is settled with what was thrown", async () => {
    const store = fakeStorage({ doWrite: () => ({ now: NOW, answers: [{ written: true }] }) });
    const error = new TaskError({ errorType: "x", message: "x" });
    const { answers } = await store.settle({
      settlements: [{ task: claimed, outcome: { kind: "fail", error } }],
    });
    assert.deepEqual(answers, [{ status: "settled", outcome: { kind: "fail", error } }]);
  });
});
