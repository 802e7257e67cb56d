import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CopyProgress,
  type CopyReport,
  OmniQ,
  TaskError,
  TaskQueue,
  defineTask,
  silentLogger,
} from "@omniq/core";
import { startPostgres, startRedis } from "@omniq/services";
import { MemoryStorage } from "@omniq/storage-memory";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import { useChildren } from "@omniq/test-support/children";
import { afterEach, beforeEach, describe, it } from "vitest";

const TASKS = 10_000;
const work = defineTask({ name: "work", run: async (payload: { n: number }) => payload.n });
const OPTIONS = { tasks: [work], logger: silentLogger, events: "all" };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omniq-copy-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const start = useChildren(new URL("../fixtures/", import.meta.url));

function sqlite(name: string): string {
  return `sqlite:${join(folder, `${name}.db`)}`;
}

/** Tasks that wait, are due later, recur, are held, run again, have succeeded, failed and been cancelled. */
async function fill(url: string): Promise<void> {
  await using omniq = await OmniQ.open(url, OPTIONS);
  const { storage } = omniq;
  for (let first = 0; first < TASKS; first += 1000) {
    const items = Array.from({ length: 1000 }, (_, index) => {
      const n = first + index;
      const options = {
        queue: `queue ${n % 5}`,
        priority: n % 3,
        headers: { order: `№ ${n}` },
        ...(n % 7 === 0 && { delay: "1h" as const }),
        ...(n % 11 === 0 && { interval: "1h" as const }),
        ...(n % 13 === 0 && { resultTtl: null }),
      };
      return { task: work, payload: { n, text: "ä".repeat(n % 50) }, options };
    });
    await omniq.enqueueMany(items);
  }
  for (let round = 0; round < 6; round++) {
    const { tasks } = await storage.dequeue({ limit: 500, workerId: "worker", leaseMs: 60_000 });
    const settlements = tasks.map((task, index) => ({
      task,
      outcome:
        index % 3 === 0
          ? ({ kind: "fail", error: TaskError.from("no luck") } as const)
          : ({ kind: "complete", result: { round, index } } as const),
    }));
    const { answers } = await storage.settle({ settlements });
    for (const { status } of answers) assert.equal(status, "settled");
  }
  const { tasks: waiting } = await storage.listTasks({ status: "PENDING", limit: 30 });
  for (const { id } of waiting.slice(0, 10)) await omniq.cancel(id);
  for (const { id } of waiting.slice(10, 20)) await storage.hold(id, "an audit");
  await omniq.pauseQueue("queue 4");
}

/** Copies in a process of its own; killed after so many pages, where that is said. */
async function copy(from: string, to: string, pages = Infinity): Promise<CopyReport | null> {
  const child = start("copy", from, to);
  for (let page = 1; ; page++) {
    const message = await child.receive<CopyProgress | { readonly report: CopyReport }>();
    if ("report" in message) {
      assert.equal((await child.exited).code, 0, child.errors);
      return message.report;
    }
    if (page >= pages) {
      child.kill("SIGKILL");
      await child.exited;
      return null;
    }
  }
}

describe("a store that is copied", () => {
  it("is the same on SQLite, Postgres, Redis, files and SQLite again, the copies being killed on the way", async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    try {
      await fill(sqlite("first"));
      const stores = [
        sqlite("first"),
        postgres.url,
        redis.url,
        `file:${join(folder, "files")}`,
        sqlite("last"),
      ] as const;
      const reports: (CopyReport | null)[] = [];
      // A page is 200 tasks, results or events.
      assert.equal(await copy(stores[0], stores[1], 20), null);
      assert.equal(await copy(stores[0], stores[1], 70), null);
      reports.push(await copy(stores[0], stores[1]));
      assert.equal(await copy(stores[1], stores[2], 30), null);
      assert.equal(await copy(stores[1], stores[2], 80), null);
      reports.push(await copy(stores[1], stores[2]));
      assert.equal(await copy(stores[2], stores[3], 40), null);
      reports.push(await copy(stores[2], stores[3]));
      reports.push(await copy(stores[3], stores[4]));
      // Nothing is left to be copied from the first into the last, and they are compared to the byte.
      reports.push(await copy(stores[0], stores[4]));
      assert.equal(reports[0]?.tasks, TASKS);
      for (const report of reports) assert.deepEqual(report, reports[0]);
      await using last = await OmniQ.open(stores[4], OPTIONS);
      const paused = (await last.listQueues()).filter((queue) => queue.paused);
      assert.deepEqual(
        paused.map(({ name }) => name),
        ["queue 4"],
      );
    } finally {
      await Promise.all([postgres.stop(), redis.stop()]);
    }
  });
});

describe("a copy is refused", () => {
  const open = async (name: string): Promise<OmniQ> => OmniQ.open(sqlite(name), OPTIONS);

  it("where a task is held, before anything is written; not where its lease has lapsed", async () => {
    await using source = await open("source");
    await using target = await open("target");
    const id = await source.enqueue(work, { n: 1 });
    const [task] = await source.dequeue({ limit: 1, workerId: "worker", leaseMs: 60_000 });
    await assert.rejects(source.copyTo(target), { code: "tasks_running", retryable: true });
    assert.deepEqual(await target.countTasks(), []);
    await source.completeTask(id, 1, task);
    await source.enqueue(work, { n: 2 });
    await source.dequeue({ limit: 1, workerId: "worker", leaseMs: 1 });
    while ((await source.storage.nextDue()).now <= ((await source.storage.nextDue()).at ?? 0)) continue;
    assert.equal((await source.copyTo(target)).tasks, 2);
    assert.equal((await target.countTasks()).find(({ status }) => status === "PENDING")?.count, 1);
  });

  it("where the other store has tasks of its own", async () => {
    await using source = await open("source");
    await using target = await open("target");
    await source.enqueue(work, { n: 1 });
    await target.enqueue(work, { n: 2 });
    await assert.rejects(source.copyTo(target), { code: "target_not_empty" });
    assert.equal((await target.countTasks())[0]?.count, 1);
    await assert.rejects(source.copyTo(source), { code: "same_store" });
  });

  it("where it is told to stop, and goes on with the next call", async () => {
    await using source = await open("source");
    await using target = await open("target");
    for (let n = 0; n < 500; n++) void source.enqueue(work, { n });
    await source.enqueue(work, { n: 500 });
    const stopping = new AbortController();
    const onProgress = (): void => stopping.abort(new Error("enough"));
    await assert.rejects(source.copyTo(target, { onProgress, signal: stopping.signal }), {
      message: "enough",
    });
    assert.equal((await target.countTasks())[0]?.count, 200);
    assert.equal((await source.copyTo(target)).tasks, 501);
  });
});

describe("a store in memory", () => {
  it("is copied into a file, and back", async () => {
    const memory = new OmniQ({
      storage: new MemoryStorage({ events: "all" }),
      tasks: [work],
      logger: silentLogger,
    });
    const id = await memory.enqueue(work, { n: 7 });
    await memory.completeTask(id, 7, (await memory.dequeue({ limit: 1, workerId: "w", leaseMs: 1000 }))[0]);
    const file = new SQLiteStorage(join(folder, "file.db"));
    const report = await memory.copyTo(file);
    assert.deepEqual({ ...report, digest: "" }, { tasks: 1, results: 1, events: 3, digest: "" });
    const back = new TaskQueue({ storage: new MemoryStorage(), logger: silentLogger });
    const other = new OmniQ({ storage: file, logger: silentLogger });
    assert.deepEqual(await other.copyTo(back), report);
    assert.equal((await back.getResult(id))?.value, 7);
    await Promise.all([memory.close(), other.close(), back.storage.close()]);
  });
});
