import assert from "node:assert/strict";
import { defineTask, silentLogger } from "@omniq/core";
import { TestQueue } from "@omniq/core/testing";
import { MemoryStorage } from "@omniq/storage-memory";
import { describe, it } from "vitest";

const ran: string[] = [];
const note = defineTask({
  name: "note",
  run: (text: string, { failures, queue }) => {
    ran.push(text);
    if (text.startsWith("fails") && failures === 0) throw new Error(`not yet, in ${queue}`);
  },
});

function testQueue(): TestQueue {
  ran.length = 0;
  return new TestQueue({
    storage: (clock) => new MemoryStorage({ clock }),
    tasks: [note],
    logger: silentLogger,
  });
}

describe("a queue for tests of applications", () => {
  it("runs what is due, in order, and no more", async () => {
    await using queue = testQueue();
    await queue.enqueue(note, "second");
    await queue.enqueue(note, "first", { priority: 1 });
    await queue.enqueue(note, "tomorrow", { delay: "1 day" });
    assert.equal(await queue.drain(), 2);
    assert.deepEqual(ran, ["first", "second"]);
    assert.equal(await queue.drain(), 0);
  });

  it("runs each task when it falls due, as the time is moved on", async () => {
    await using queue = testQueue();
    const begun = queue.clock.now();
    await queue.enqueue(note, "fails once", { delay: "2h", retry: { base: "10m", jitter: 0 } });
    await queue.enqueue(note, "hourly", { interval: "1h", delay: "1h" });
    assert.equal(await queue.advance("2h"), 3);
    assert.deepEqual(ran, ["hourly", "fails once", "hourly"]);
    assert.equal(await queue.advance("10m"), 1);
    assert.equal(await queue.advance("50m"), 1);
    assert.deepEqual(ran.slice(3), ["fails once", "hourly"]);
    assert.equal(queue.clock.now() - begun, 3 * 3_600_000);
  });

  it("does not hang on a task that nobody knows", async () => {
    await using queue = testQueue();
    await queue.storage.enqueue({ groups: [[{ name: "unknown" }]] });
    assert.equal(await queue.advance("1h"), 0);
  });
});
