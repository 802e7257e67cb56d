import assert from "node:assert/strict";
import { TaskQueue, WorkerPool, defineTask, silentLogger } from "@omniq/core";
import { MemoryStorage } from "@omniq/storage-memory";
import { describe, it, onTestFinished } from "vitest";
import { ThreadPool } from "../src/index.ts";

const WORK = new URL("./fixtures/work.ts", import.meta.url);

/** A queue whose tasks run in threads, and a started worker. */
async function running() {
  const threads = new ThreadPool({ maxThreads: 1 });
  const square = defineTask({ name: "square", run: threads.handler<number, number>(WORK) });
  const other = (exportName: string) =>
    defineTask({ name: exportName, maxRetries: 0, run: threads.handler<null>(WORK, exportName) });
  const tasks = ["facts", "refuse", "open", "missing"].map(other);
  const spin = defineTask({
    name: "spin",
    timeout: "100ms",
    maxRetries: 0,
    run: threads.handler<null>(WORK, "spin"),
  });
  const queue = new TaskQueue({
    storage: new MemoryStorage(),
    tasks: [square, spin, ...tasks],
    logger: silentLogger,
  });
  const pool = new WorkerPool({ queue, concurrency: 2 });
  await pool.start();
  onTestFinished(async () => {
    await pool.stop();
    await threads.close();
    await queue.storage.close();
  });
  const resultOf = async (name: string) => {
    const id = await queue.enqueue(name, null);
    return queue.getResult(id, { wait: true });
  };
  return { queue, threads, square, resultOf };
}

describe("bad input", () => {
  it.each([
    ["invalid_options", () => new ThreadPool(4 as never)],
    ["unknown_option", () => new ThreadPool({ threads: 4 } as never)],
    ["invalid_max_threads", () => new ThreadPool({ maxThreads: 0 })],
    ["invalid_duration", () => new ThreadPool({ idleTimeout: "soon" })],
    ["invalid_module", () => new ThreadPool().handler("./work.js" as never)],
    ["invalid_export_name", () => new ThreadPool().handler(WORK, 1 as never)],
  ])("is refused with %s", (code, make) => {
    assert.throws(make, { name: "ValidationError", code });
  });
});

describe("a handler in a thread", () => {
  it("gets the payload and gives the result", async () => {
    const { queue, square } = await running();
    const id = await queue.enqueue(square, 12);
    assert.equal((await queue.getResult(id, { wait: true })).value, 144);
  });

  it("is told which task it runs", async () => {
    const { resultOf } = await running();
    const { taskId, value } = await resultOf("facts");
    assert.deepEqual(value, { taskId, attempt: 1 });
  });

  it("is ended by its timeout though it never lets go, and the next task runs", async () => {
    const { queue, square, resultOf } = await running();
    assert.equal((await resultOf("spin")).error?.errorType, "timeout");
    const id = await queue.enqueue(square, 3);
    assert.equal((await queue.getResult(id, { wait: true })).value, 9);
  });

  it("fails with what was thrown: a task error as it is, another by its kind", async () => {
    const { resultOf } = await running();
    const refused = (await resultOf("refuse")).error;
    assert.equal(refused?.message, "no such picture");
    assert.equal(refused?.isRetryable, false);
    assert.deepEqual(refused?.context, { picture: 7 });
    assert.equal((await resultOf("open")).error?.errorType, "resource");
  });

  it("fails for good where the module has no such function", async () => {
    const { resultOf } = await running();
    const error = (await resultOf("missing")).error;
    assert.match(error?.message ?? "", /exports no function named missing/);
    assert.equal(error?.isRetryable, false);
  });

  it("leaves the event loop free: a timer fires while a thread spins", async () => {
    const { resultOf } = await running();
    let fired = false;
    setTimeout(() => (fired = true), 1);
    await resultOf("spin");
    assert.equal(fired, true);
  });
});
