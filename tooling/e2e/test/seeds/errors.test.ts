import assert from "node:assert/strict";
import {
  ErrorType,
  NonRetryableError,
  TaskError,
  defineTask,
  getErrorMessage,
  hasError,
  isFailed,
} from "@omniq/core";
import { describe, it } from "vitest";
import { Rig, STORES } from "../../src/rig.ts";

const NOW = { strategy: "fixed", base: 0, jitter: 0 } as const;

describe.each(STORES)("seeds 003 and 004: errors on %s", (store) => {
  it("S3.7 S3.12 S3.13 S4.68 S4.80 what a handler throws is a TaskError on the task and in the result, read back by anyone", async () => {
    const bad = defineTask({
      name: "bad",
      maxRetries: 0,
      run: () => {
        throw new TaskError(
          { errorType: "payment", message: "declined", isRetryable: false },
          { context: { card: "…42", amount: 9.5 }, exceptionType: "CardError" },
        );
      },
    });
    const rig = await Rig.open(store, { tasks: [bad] });
    const id = await rig.queue.enqueue(bad);
    await rig.drain();
    const other = rig.connect();
    const task = await other.getTask(id);
    const result = await other.getResult(id);
    for (const error of [task?.error, result?.error]) {
      assert.ok(error instanceof TaskError);
      assert.deepEqual(
        [error.errorType, error.message, error.isRetryable, error.retryCount, error.exceptionType],
        ["payment", "declined", false, 0, "CardError"],
      );
      assert.deepEqual(error.context, { card: "…42", amount: 9.5 });
      assert.equal(error.timestamp.getTime(), rig.clock.now());
      assert.match(error.traceback ?? "", /errors\.test\.ts/);
      assert.doesNotMatch(error.traceback ?? "", /worker-pool/);
    }
    assert.ok(task);
    assert.deepEqual([hasError(task), isFailed(task), getErrorMessage(task)], [true, true, "declined"]);
  });

  it("S3.8 S4.76 retries are counted by recorded failures: maxRetries 0 to 3 are 1 to 4 executions, a thrown TaskError's word kept", async () => {
    const runs = new Map<string, number>();
    const bad = defineTask({
      name: "bad",
      retry: NOW,
      run: (_payload: null, { taskId }) => {
        runs.set(taskId, (runs.get(taskId) ?? 0) + 1);
        throw new TaskError(
          { errorType: "flaky", message: "no", isRetryable: true, retryCount: 17 },
          { context: { shard: 3 } },
        );
      },
    });
    const rig = await Rig.open(store, { tasks: [bad] });
    for (const maxRetries of [0, 1, 2, 3]) {
      const id = await rig.queue.enqueue(bad, null, { maxRetries });
      await rig.drain();
      assert.equal(runs.get(id), maxRetries + 1);
      const error = (await rig.queue.getResult(id))?.error;
      assert.deepEqual([error?.errorType, error?.retryCount], ["flaky", maxRetries]);
      assert.deepEqual(error?.context, { shard: 3 });
    }
  });

  it("S3.9 what no retry can mend is executed once and FAILED", async () => {
    const thrown = [
      new NonRetryableError("no such customer"),
      new TaskError({ errorType: ErrorType.VALIDATION, message: "no", isRetryable: false }),
    ];
    const bad = defineTask({
      name: "bad",
      retry: NOW,
      run: (index: number) => {
        throw thrown[index] as Error;
      },
    });
    const rig = await Rig.open(store, { tasks: [bad] });
    for (const index of thrown.keys()) {
      const id = await rig.queue.enqueue(bad, index, { maxRetries: 5 });
      assert.equal(await rig.drain(), 1);
      const task = await rig.queue.getTask(id);
      assert.deepEqual([task?.status, task?.attempts, task?.error?.isRetryable], ["FAILED", 1, false]);
    }
  });

  it("S3.6 S3.11 S4.70 an error stands while a task waits for its retry and when it has failed, and goes with success; past failures stay in events", async () => {
    let fails = true;
    const flaky = defineTask({
      name: "flaky",
      retry: { strategy: "fixed", base: "1s", jitter: 0 },
      run: () => {
        if (fails) throw new Error("down");
      },
    });
    const rig = await Rig.open(store, { tasks: [flaky] });
    const id = await rig.queue.enqueue(flaky);
    const facts = async (): Promise<unknown[]> => {
      const task = await rig.queue.getTask(id);
      assert.ok(task);
      return [task.status, hasError(task), isFailed(task), getErrorMessage(task)];
    };
    assert.deepEqual(await facts(), ["PENDING", false, false, null]);
    await rig.drain();
    assert.deepEqual(await facts(), ["PENDING", true, false, "down"]);
    fails = false;
    await rig.advance("1s");
    assert.deepEqual(await facts(), ["SUCCESS", false, false, null]);
    assert.equal((await rig.queue.getResult(id))?.error, null);
    const { events } = await rig.queue.queryEvents({ taskId: id, type: "retried" });
    assert.deepEqual(
      events.map(({ data }) => data),
      [{ error_type: "runtime", category: "application", retry_count: 0, is_retryable: true }],
    );
  });

  it("S4.83 events of failures carry type and category, so that they can be counted", async () => {
    const bad = defineTask({
      name: "bad",
      maxRetries: 0,
      run: (errorType: string) => {
        throw new TaskError({ errorType, message: "no" });
      },
    });
    const rig = await Rig.open(store, { tasks: [bad] });
    for (const type of ["timeout", "timeout", "validation", "timeout"]) await rig.queue.enqueue(bad, type);
    await rig.drain();
    const { events } = await rig.queue.queryEvents({ type: "failed" });
    const count = (key: string): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const { data } of events) {
        const value = String(data?.[key]);
        counts[value] = (counts[value] ?? 0) + 1;
      }
      return counts;
    };
    assert.deepEqual(count("error_type"), { timeout: 3, validation: 1 });
    assert.deepEqual(count("category"), { system: 3, user: 1 });
  });

  it("S4.84 successes store no error, on tasks and results", async () => {
    const fine = defineTask({ name: "fine", run: (n: number) => n });
    const rig = await Rig.open(store, { tasks: [fine] });
    await rig.queue.enqueueMany(Array.from({ length: 1000 }, (_, n) => ({ task: fine, payload: n })));
    assert.equal(await rig.worker({ concurrency: 50 }).processTasks(), 1000);
    const { tasks } = await rig.storage.listTasks({ limit: 1000 });
    assert.equal(tasks.length, 1000);
    assert.ok(tasks.every(({ status, error }) => status === "SUCCESS" && error === null));
    const { results } = await rig.storage.listResults({ limit: 1000 });
    assert.ok(results.length >= 900 && results.every(({ error }) => error === null));
  });

  it("S4.72 a task held by hand fails with a plain text too", async () => {
    const task = defineTask({ name: "task", run: () => {} });
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task, undefined, { maxRetries: 0 });
    await rig.queue.dequeue({ limit: 1, workerId: "by hand", leaseMs: 1000 });
    await rig.queue.failTask(id, "out of paper");
    const error = (await rig.queue.getTask(id))?.error;
    assert.ok(error instanceof TaskError);
    assert.deepEqual([error.errorType, error.message], ["unknown", "out of paper"]);
  });

  it("S3.10 the log of a failure carries its type, count and whether it can be retried", async () => {
    const bad = defineTask({
      name: "bad",
      maxRetries: 1,
      retry: NOW,
      run: () => {
        throw new TaskError({ errorType: "busy", message: "no" });
      },
    });
    const rig = await Rig.open(store, { tasks: [bad] });
    await rig.queue.enqueue(bad);
    await rig.drain();
    const facts = rig.log
      .filter(({ level }) => level === "warn" || level === "error")
      .map(({ level, fields }) => [
        level,
        fields["error_type"],
        fields["retry_count"],
        fields["is_retryable"],
      ]);
    assert.deepEqual(facts, [
      ["warn", "busy", 0, true],
      ["error", "busy", 1, true],
    ]);
  });
});
