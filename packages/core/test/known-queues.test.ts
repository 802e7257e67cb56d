import assert from "node:assert/strict";
import type { DequeueHookParams } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import { describe, it } from "vitest";
import { KnownQueues } from "../src/storage/known-queues.ts";
import { fakeStorage } from "./support/fake-storage.ts";
import { NOW, storedTask } from "./support/records.ts";

describe("the queues that a store remembers", () => {
  it("are asked for at first, after a second, and after a hundred claims", async () => {
    const clock = new ManualClock();
    const queues = new KnownQueues(clock);
    assert.equal(queues.isFresh(), false);
    queues.learn(["a"]);
    for (let claim = 0; claim < 100; claim++) assert.equal(queues.isFresh(), true);
    assert.equal(queues.isFresh(), false);
    queues.learn(["a"]);
    await clock.advance(1001);
    assert.equal(queues.isFresh(), false);
    queues.learn(["a"]);
    clock.set(0);
    assert.equal(queues.isFresh(), false, "a clock that was set back");
  });

  it("take turns in coming first", () => {
    const queues = new KnownQueues(new ManualClock());
    assert.deepEqual(queues.inTurn(), []);
    queues.learn(["a", "b"]);
    assert.deepEqual([queues.inTurn()[0], queues.inTurn()[0], queues.inTurn()[0]], ["a", "b", "a"]);
  });
});

describe("a claim from all queues", () => {
  const claim = { limit: 2, workerId: "w", leaseMs: 1000 };

  it("reads their names once for many claims that are filled", async () => {
    const store = fakeStorage({
      doListQueues: () => [{ name: "a", paused: false }],
      doDequeue: ({ limit }: { readonly limit: number }) => ({
        now: NOW,
        claimed: Array.from({ length: limit }, (_, n) => storedTask({ id: `t${n}`, status: "RUNNING" })),
        recovered: [],
      }),
    });
    for (let turn = 0; turn < 50; turn++) await store.dequeue(claim);
    assert.equal(store.calls.filter((call) => call === "doListQueues").length, 1);
  });

  it("looks for new queues where there was room left, and takes from them in the same call", async () => {
    const names = ["a"];
    const asked: string[] = [];
    const store = fakeStorage({
      doListQueues: () => names.map((name) => ({ name, paused: false })),
      doDequeue: ({ queues }: { readonly queues: readonly { readonly name: string }[] }) => {
        asked.push(queues.map(({ name }) => name).join());
        const isNew = queues.some(({ name }) => name === "b");
        return { now: NOW, claimed: isNew ? [storedTask({ status: "RUNNING" })] : [], recovered: [] };
      },
    });
    assert.equal((await store.dequeue(claim)).tasks.length, 0);
    names.push("b");
    assert.equal((await store.dequeue(claim)).tasks.length, 1);
    assert.deepEqual(asked, ["a", "a", "b"]);
  });

  it("hands out what it has found at once, and leaves new queues to the next that finds nothing", async () => {
    const names = ["a"];
    const waiting = new Set(["a"]);
    const store = fakeStorage({
      doListQueues: () => names.map((name) => ({ name, paused: false })),
      doDequeue: ({ queues }: { readonly queues: readonly { readonly name: string }[] }) => {
        const found = queues.filter(({ name }) => waiting.delete(name));
        const claimed = found.map(({ name }) => storedTask({ id: name, status: "RUNNING" }));
        return { now: NOW, claimed, recovered: [] };
      },
    });
    const claimed = async (): Promise<string[]> =>
      (await store.dequeue(claim)).tasks.map(({ record }) => record.id);
    assert.deepEqual(await claimed(), ["a"]);
    names.push("b");
    for (const name of names) waiting.add(name);
    const before = store.calls.filter((call) => call === "doListQueues").length;
    assert.deepEqual(await claimed(), ["a"]);
    assert.equal(store.calls.filter((call) => call === "doListQueues").length, before);
    assert.deepEqual(await claimed(), ["b"]);
  });

  describe("of which there are more than one call looks through", () => {
    const names = Array.from({ length: 250 }, (_, index) => `q${index}`);

    /** A store with these tasks waiting, by queue. Each call of the hook is noted by its first queue and their number. */
    function storeWith(waiting: Set<string>, onCall: () => void = () => {}) {
      const calls: string[] = [];
      const store = fakeStorage({
        doListQueues: () => names.map((name) => ({ name, paused: false })),
        doDequeue: ({ queues, limit }: DequeueHookParams) => {
          calls.push(`${queues[0]?.name} ${queues.length}`);
          onCall();
          const found = queues.filter(({ name }) => waiting.has(name)).slice(0, limit);
          const claimed = found.map(({ name }) => storedTask({ id: name, queue: name, status: "RUNNING" }));
          for (const { name } of found) waiting.delete(name);
          return { now: NOW, claimed, recovered: [] };
        },
      });
      const claimed = async (): Promise<string[]> =>
        (await store.dequeue(claim)).tasks.map(({ record }) => record.id);
      return { calls, claimed };
    }

    it("goes on call by call until it is filled, or has asked all", async () => {
      const { calls, claimed } = storeWith(new Set(["q5", "q150", "q151", "q240"]));
      assert.deepEqual(await claimed(), ["q5", "q150"]);
      assert.deepEqual(calls.splice(0), ["q0 100", "q100 100"]);
      assert.deepEqual(await claimed(), ["q151", "q240"]);
      assert.deepEqual(calls.splice(0), ["q1 100", "q101 100", "q201 50"]);
    });

    it("begins the next time with the call that has brought something, one further", async () => {
      const waiting = new Set(["q210", "q211"]);
      const { calls, claimed } = storeWith(waiting);
      assert.deepEqual(await claimed(), ["q210", "q211"]);
      assert.deepEqual(calls.splice(0), ["q0 100", "q100 100", "q200 50"]);
      for (const name of ["q210", "q211", "q100"]) waiting.add(name);
      assert.deepEqual(await claimed(), ["q210", "q211"]);
      assert.deepEqual(calls.splice(0), ["q201 100"]);
    });

    it("starves none of them, though some have always enough", async () => {
      const waiting = new Set(["q150"]);
      const { claimed } = storeWith(waiting, () => waiting.add("q30").add("q31"));
      for (let claims = 0; waiting.has("q150"); claims++) {
        assert.ok(claims < names.length);
        await claimed();
      }
    });

    it("is told of the next due time as of one store, which is asked in parts", async () => {
      const asked: number[] = [];
      const instants: (number | null)[] = [null, NOW + 5, NOW + 7, null, null, null];
      const store = fakeStorage({
        doListQueues: () => names.map((name) => ({ name, paused: false })),
        doNextDue: (queues: readonly string[]) => {
          asked.push(queues.length);
          return { now: NOW, at: instants.shift() ?? null };
        },
      });
      assert.deepEqual(await store.nextDue(), { now: NOW, at: NOW + 5 });
      assert.deepEqual(await store.nextDue(), { now: NOW, at: null });
      assert.deepEqual(await store.nextDue({ queues: [] }), { now: NOW, at: null });
      assert.deepEqual(asked, [100, 100, 50, 100, 100, 50, 0]);
    });

    it("hands out what it has when a later call fails", async () => {
      let calls = 0;
      const { claimed } = storeWith(new Set(["q5"]), () => {
        if (++calls > 1) throw new Error("the network is down");
      });
      assert.deepEqual(await claimed(), ["q5"]);
      await assert.rejects(claimed(), /the network is down/);
    });
  });
});
