import assert from "node:assert/strict";
import { inspect } from "node:util";
import { OmniQ, OmniQError, defineTask, silentLogger } from "@omniq/core";
import * as memory from "@omniq/storage-memory";
import { describe, it } from "vitest";

const work = defineTask({ name: "work", run: async (_payload: unknown) => {} });

async function openQueue(): Promise<OmniQ> {
  return OmniQ.open("memory:", { adapter: memory, tasks: [work], logger: silentLogger });
}

describe("the error about a task that cannot be stored", () => {
  it.each<[string, unknown]>([
    ["is none", null],
    ["has an option that does not exist", { task: work, options: { nonsense: 1 } }],
    ["has a payload that text cannot hold", { task: work, payload: { when: new Date(0) } }],
    ["has a priority out of range", { task: work, options: { priority: 1e6 } }],
    ["has a payload over the limit", { task: work, payload: "x".repeat(5_000_000) }],
  ])("names the one of several items that %s, and stores none", async (_name, item) => {
    await using queue = await openQueue();
    const refused = queue.enqueueMany([{ task: work }, { task: work }, item as { task: typeof work }]);
    await assert.rejects(refused, (error: Error) => {
      assert.ok(error instanceof OmniQError);
      assert.match(error.message, /^items\[2\]: /);
      assert.ok(inspect(error).includes(error.message));
      return true;
    });
    assert.deepEqual(await queue.countTasks(), []);
  });

  const badCallers: Readonly<Record<string, (queue: OmniQ) => Promise<unknown>>> = {
    async enqueuesADate(queue) {
      await queue.enqueue(work, new Date(0));
    },
    async enqueuesUrgently(queue) {
      await queue.enqueue(work, 1, { priority: 1e6 });
    },
    async enqueuesTwice(queue) {
      await queue.enqueue(work, 1, { id: "a" });
      await queue.enqueue(work, 2, { id: "a" });
    },
    async enqueuesMany(queue) {
      await queue.enqueueMany([{ task: work, payload: new Date(0) }]);
    },
    async enqueuesUnknown(queue) {
      await queue.enqueue("unknown", 1);
    },
    async schedules(queue) {
      await queue.schedule(work, 1, { id: "a", priority: 1e6 });
    },
  };
  it.each(Object.entries(badCallers))("has a stack that leads to the caller: %s", async (name, call) => {
    await using queue = await openQueue();
    await assert.rejects(call(queue), (error: Error) => {
      assert.ok(error instanceof OmniQError);
      assert.match(error.stack ?? "", new RegExp(`^\\w+Error: .*\n[^]*\\bat .*${name}`));
      return true;
    });
  });
});
