import assert from "node:assert/strict";
import { TaskQueue, WorkerPool, defineTask, silentLogger } from "@omniq/core";
import { describe, it } from "vitest";
import { fakeStorage } from "./support/fake-storage.ts";

const storage = fakeStorage();
const queue = new TaskQueue({ storage, logger: silentLogger });

/** The warnings of this process while something happens. */
async function warningsOf(act: () => void): Promise<(Error & { readonly code?: string })[]> {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  try {
    act();
    // Node tells of a warning in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", note);
  }
  return warnings;
}

describe("a worker pool, constructed", () => {
  it("S4.90 has defaults that can be read: one task at a time, a poll interval of a second", () => {
    const pool = new WorkerPool({ queue });
    assert.equal(pool.concurrency, 1);
    assert.equal(pool.pollInterval.totalSeconds(), 1);
    assert.equal(pool.queue, queue);
    const task = defineTask({ name: "given to the worker", run: () => 1 });
    assert.equal(new WorkerPool({ queue, tasks: [task] }).queue.definition(task.name), task);
  });

  it("S4.91 takes a queue, a queue and a logger, or a storage; only the last warns, once", async () => {
    assert.deepEqual(await warningsOf(() => new WorkerPool({ queue })), []);
    assert.deepEqual(await warningsOf(() => new WorkerPool({ queue, logger: silentLogger })), []);
    assert.equal((await warningsOf(() => new WorkerPool({ storage }))).length, 1);
  });

  it("S4.92 takes neither nothing nor both", () => {
    assert.throws(() => new WorkerPool({}), {
      name: "ValidationError",
      code: "invalid_worker",
      message: /Either 'queue' or 'storage' must be provided/,
    });
    assert.throws(() => new WorkerPool({ queue, storage }), {
      name: "ValidationError",
      code: "invalid_worker",
      message: /Cannot provide both 'queue' and 'storage'/,
    });
  });

  it("S4.93 refuses what is no queue, or no storage, by what it is and not by its class alone", () => {
    for (const other of [null, {}, storage, "queue"]) {
      assert.throws(() => new WorkerPool({ queue: other } as never), {
        name: "TypeError",
        message: "'queue' must be TaskQueue",
      });
    }
    for (const other of [null, {}, queue, "sqlite:"]) {
      assert.throws(() => new WorkerPool({ storage: other } as never), {
        name: "TypeError",
        message: "'storage' must be BaseStorage",
      });
    }
  });

  it("S4.94 S4.101 warns of the storage parameter with a stable code and what to write instead", async () => {
    const [warning] = await warningsOf(() => new WorkerPool({ storage }));
    assert.equal(warning?.name, "DeprecationWarning");
    assert.equal(warning?.code, "OMNIQ_DEP0001");
    assert.equal(
      warning?.message,
      "Passing 'storage' to WorkerPool is deprecated. Use 'queue' parameter instead: " +
        "new WorkerPool({ queue: new TaskQueue({ storage }) })",
    );
  });

  it("S4.95 points the warning at whoever constructs it, also through a subclass", async () => {
    class Own extends WorkerPool {}
    for (const make of [
      function caller() {
        return new WorkerPool({ storage });
      },
      function caller() {
        return new Own({ storage });
      },
    ]) {
      const [warning] = await warningsOf(make);
      const frames = warning?.stack?.split("\n").filter((line) => line.trim().startsWith("at ")) ?? [];
      assert.match(frames[0] ?? "", /at caller /);
    }
  });

  it("S4.96 makes a queue over the storage, with its logger", () => {
    const pool = new WorkerPool({ storage, logger: silentLogger });
    assert.ok(pool.queue instanceof TaskQueue);
    assert.equal(pool.queue.storage, storage);
    assert.equal(pool.queue.logger, silentLogger);
  });
});
