import assert from "node:assert/strict";
import type { ClaimedTask, EnqueueHookParams, NewTask, TaskWrite } from "@omniq/core/storage";
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

describe("enqueue", () => {
  it("hands only valid groups to the store, and answers each in its place", async () => {
    const given: EnqueueHookParams[] = [];
    const store = fakeStorage({
      doEnqueue: (params: EnqueueHookParams) => {
        given.push(params);
        return {
          now: NOW,
          groups: params.groups.map((group) => group.map(({ id }) => ({ status: "created", id }))),
        };
      },
    });
    const { now, groups } = await store.enqueue({
      groups: [
        [{ id: "a", name: "x" }],
        [
          { id: "b", name: "x" },
          { id: "c", name: "" },
        ],
        [{ id: "d", name: "x" }],
      ],
    });
    assert.equal(now, NOW);
    assert.deepEqual(groups.map(codesOf), [["created"], ["group_refused", "invalid_name"], ["created"]]);
    assert.deepEqual(
      given[0]?.groups.map((group) => group.map(({ id }) => id)),
      [["a"], ["d"]],
    );
  });

  it("leaves the store alone where no group is valid", async () => {
    const store = fakeStorage();
    const { groups } = await store.enqueue({ groups: [[{ name: "" }], [null as unknown as NewTask]] });
    assert.deepEqual(groups.map(codesOf), [["invalid_name"], ["invalid_task"]]);
    assert.deepEqual(store.calls, ["doOpen"]);
  });

  it("refuses a group with a duplicate, and says which it is", async () => {
    const answers = [
      { status: "existing", id: "a" },
      { status: "duplicate", id: "b" },
    ];
    const store = fakeStorage({ doEnqueue: () => ({ now: NOW, groups: [answers] }) });
    const { groups } = await store.enqueue({ groups: [["a", "b"].map((id) => ({ id, name: "x" }))] });
    assert.deepEqual(groups.map(codesOf), [["group_refused", "duplicate_task"]]);
  });

  it("does not fail for an announcement that fails", async () => {
    const store = fakeStorage({
      doEnqueue: () => ({ now: NOW, groups: [[{ status: "created", id: "a" }]] }),
      doNotify: () => Promise.reject(new Error("no listener")),
    });
    assert.equal(
      (await store.enqueue({ groups: [[{ id: "a", name: "x" }]] })).groups[0]?.[0]?.status,
      "created",
    );
  });
});

describe("a hint", () => {
  it.each([
    [undefined, true],
    [false, true],
    [true, false],
  ])("of an enqueue whose answer says isAnnounced %s is given: %s", async (isAnnounced, isGiven) => {
    const store = fakeStorage({
      doEnqueue: () => ({ now: NOW, groups: [[{ status: "created", id: "task-1" }]], isAnnounced }),
      doNotify: () => {},
    });
    await store.enqueue({ groups: [[{ name: "x" }]] });
    assert.equal(store.calls.includes("doNotify"), isGiven);
  });
});

describe("dequeue", () => {
  it.each<[code: string, params: object]>([
    ["invalid_limit", { limit: -1 }],
    ["invalid_limit", { limit: 1.5 }],
    ["invalid_worker_id", { workerId: "" }],
    ["invalid_lease", { leaseMs: 0 }],
    ["invalid_queue", { queues: [{ name: "", limit: 1 }] }],
    ["invalid_limit", { queues: [{ name: "q", limit: -1 }] }],
  ])("is refused as %s: %o", async (code, params) => {
    const store = fakeStorage();
    for (const call of [
      store.dequeue({ ...claim, ...params }),
      store.exchange({ settle: { settlements: [done] }, dequeue: { ...claim, ...params } }),
    ]) {
      await assert.rejects(call, { name: "ValidationError", code });
    }
    assert.deepEqual(store.calls, ["doOpen"]);
  });

  it("asks all queues that are not paused, each first in its turn, where none is named", async () => {
    const asked: string[] = [];
    const store = fakeStorage({
      doListQueues: () => [
        { name: "a", paused: false },
        { name: "b", paused: true },
        { name: "c", paused: false },
      ],
      doDequeue: ({ queues }: { queues: readonly { readonly name: string }[] }) => {
        asked.push(queues.map(({ name }) => name).join(""));
        return { now: NOW, claimed: [], recovered: [] };
      },
    });
    for (let turn = 0; turn < 3; turn++) await store.dequeue({ limit: 1, workerId: "w", leaseMs: 1 });
    assert.deepEqual(asked, ["ac", "ca", "ac"]);
  });

  it("asks nothing where there is no queue, or no room", async () => {
    const store = fakeStorage({ doListQueues: () => [] });
    assert.deepEqual((await store.dequeue({ limit: 1, workerId: "w", leaseMs: 1 })).tasks, []);
    assert.deepEqual((await store.dequeue({ ...claim, limit: 0 })).tasks, []);
    assert.ok(!store.calls.includes("doDequeue"));
  });

  it("ends tasks that have used up their recoveries, and looks again in their place, three times at most", async () => {
    const limits: number[] = [];
    const writes: TaskWrite[] = [];
    const store = fakeStorage({
      doDequeue: ({ limit }: { limit: number }) => {
        limits.push(limit);
        const lapsed = storedTask({ recoveries: 4, attempts: 5, failures: 1 });
        return { now: NOW, claimed: limit === 2 ? [storedTask()] : [], recovered: [lapsed] };
      },
      doWrite: (given: readonly TaskWrite[]) => {
        writes.push(...given);
        return { now: NOW, answers: given.map(() => ({ written: true })) };
      },
    });
    const { tasks } = await store.dequeue(claim);
    assert.equal(tasks.length, 1);
    assert.deepEqual(limits, [2, 1, 1]);
    assert.equal(writes.length, 3);
    const [{ state } = { state: null }] = writes;
    assert.deepEqual([state?.status, state?.attempts, state?.failures], ["FAILED", 4, 2]);
    assert.partialDeepStrictEqual(JSON.parse(state?.error ?? ""), {
      error_type: "lease_expired",
      is_retryable: false,
    });
  });
});
