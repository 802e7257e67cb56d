import assert from "node:assert/strict";
import { type LogFields, OmniQ, defineTask } from "@omniq/core";
import { startPostgres, startRedis } from "@omniq/services";
import { useChildren } from "@omniq/test-support/children";
import { describe, it, onTestFinished, vi } from "vitest";

const startChild = useChildren(new URL("../fixtures/", import.meta.url));

const TASKS = 3000;
const quiet = { debug() {}, info() {}, warn() {}, error(_message: string, _fields?: LogFields) {} };

const SERVERS = {
  Postgres: () => startPostgres(),
  // What is acknowledged survives the end of the server only where each write is synced.
  Redis: () => startRedis({ appendfsync: "always" }),
};

/** Enqueues what is missing of so many tasks, however often it takes. */
async function enqueueAll(omniq: OmniQ): Promise<void> {
  for (let n = 0; n < TASKS; n += 100) {
    const items = Array.from({ length: 100 }, (_, index) => {
      return { task: "count", payload: n + index, options: { id: `task ${n + index}` } };
    });
    for (;;) {
      try {
        await omniq.enqueueMany(items);
        break;
      } catch (error) {
        // The same call again changes nothing twice, since the tasks have ids.
        if ((error as { retryable?: boolean }).retryable !== true) throw error;
      }
    }
  }
}

describe.each(Object.entries(SERVERS))("%s, killed and started again under load", (_name, start) => {
  it("loses nothing and records nothing twice, and workers recover by themselves", async () => {
    const server = await start();
    onTestFinished(() => server.stop());
    const count = defineTask({ name: "count", run: async (n: number) => n });
    const options = { tasks: [count], logger: quiet, events: "all", timeout: "5s" };
    await using omniq = await OmniQ.open(server.url, options);
    await using worker = omniq.worker({ concurrency: 20, lease: "2s", pollInterval: "100ms" });
    await worker.start();
    const killed = startChild("counter", server.url);
    await killed.receive();
    const enqueued = enqueueAll(omniq);
    // By whomever: in which process a task runs is up to which of them is quicker.
    const succeeded = async (): Promise<number> =>
      (await omniq.countTasks()).find(({ status }) => status === "SUCCESS")?.count ?? 0;
    for (const share of [0.2, 0.4]) {
      await vi.waitFor(async () => assert.ok((await succeeded()) > TASKS * share), { timeout: 60_000 });
      await server.kill();
      await server.start();
      killed.kill("SIGKILL");
    }
    await enqueued;
    const isDone = async (): Promise<void> => {
      const counts = await omniq.countTasks();
      assert.deepEqual(
        counts.map(({ status, count: found }) => [status, found]),
        [["SUCCESS", TASKS]],
      );
    };
    await vi.waitFor(isDone, { timeout: 60_000, interval: 100 });
    await worker.stop();
    const completed = new Map<string, number>();
    for (let cursor: string | null = null; ;) {
      const page = await omniq.storage.queryEvents({ type: "completed", cursor, limit: 1000 });
      for (const { taskId } of page.events) completed.set(taskId, (completed.get(taskId) ?? 0) + 1);
      if (page.cursor === null) break;
      cursor = page.cursor;
    }
    assert.equal(completed.size, TASKS);
    assert.deepEqual(
      [...completed].filter(([, times]) => times !== 1),
      [],
    );
  });
});
