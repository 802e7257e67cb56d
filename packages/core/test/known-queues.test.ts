import assert from "node:assert/strict";
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
});
