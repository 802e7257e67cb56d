import assert from "node:assert/strict";
import {
  type AnyTaskDefinition,
  type Outcome,
  type TaskContext,
  TaskQueue,
  WorkerPool,
  defineTask,
  silentLogger,
} from "@omniq/core";
import { describe, it } from "vitest";
import { Rig, STORES } from "../../src/rig.ts";

const echo = defineTask({ name: "echo", run: (value: unknown) => value });

describe.each(STORES)("seed 004: workers on %s", (store) => {
  it("S4.78 processTasks runs due tasks until the limit, or until none is due, without start()", async () => {
    const rig = await Rig.open(store, { tasks: [echo] });
    await rig.queue.enqueueMany(Array.from({ length: 25 }, (_, n) => ({ task: echo, payload: n })));
    await rig.queue.enqueue(echo, "later", { delay: "1h" });
    const pool = rig.worker({ concurrency: 4 });
    assert.equal(await pool.processTasks({ limit: 10 }), 10);
    const counts = async (): Promise<Record<string, number>> =>
      Object.fromEntries((await rig.queue.countTasks()).map(({ status, count }) => [status, count]));
    assert.deepEqual(await counts(), { PENDING: 16, SUCCESS: 10 });
    assert.equal(await pool.processTasks(), 15);
    assert.equal(await pool.processTasks(), 0);
    assert.deepEqual(await counts(), { PENDING: 1, SUCCESS: 25 });
    await assert.rejects(pool.processTasks({ limit: 0 }), { code: "invalid_limit" });
  });

  it("S4.79 waiting for a result ends with the run that was asked for: retries, removal, cancellation, time", async () => {
    let fails = 1;
    const flaky = defineTask({
      name: "flaky",
      retry: { strategy: "fixed", base: "1s", jitter: 0 },
      run: () => {
        if (fails-- > 0) throw new Error("not yet");
        return "done";
      },
    });
    const rig = await Rig.open(store, { tasks: [echo, flaky] });
    const id = await rig.queue.enqueue(flaky);
    let outcome: unknown = "waiting";
    const waited = rig.queue
      .getResult(id, { wait: true, timeout: "1h" })
      .then(({ value }) => (outcome = value));
    await rig.drain();
    assert.equal(outcome, "waiting");
    await rig.advance("1s");
    await waited;
    assert.equal(outcome, "done");

    const wait = (taskId: string) => {
      const settled = rig.queue.getResult(taskId, { wait: true, timeout: "1m" });
      // Handled below; until then it must not count as nobody's.
      settled.catch(() => {});
      return settled;
    };
    const cancelled = await rig.queue.enqueue(echo, 1);
    const removed = await rig.queue.enqueue(echo, 2);
    const idle = await rig.queue.enqueue(echo, 3, { delay: "1d" });
    const [ofCancelled, ofRemoved, ofIdle] = [wait(cancelled), wait(removed), wait(idle)];
    await rig.queue.cancel(cancelled);
    await rig.queue.deleteTask(removed);
    await assert.rejects(ofCancelled, { code: "result_cancelled" });
    await assert.rejects(ofRemoved, { code: "result_removed" });
    await assert.rejects(rig.clockMovesUntil(ofIdle, 1000), { code: "wait_timeout" });

    const recurring = await rig.queue.enqueue(echo, "tick", { interval: "1h" });
    const first = wait(recurring);
    await rig.place.setNow?.(rig.clock.now());
    await rig.drain();
    assert.equal((await first).value, "tick");
  });

  it("S1.13 S4.77 what was not registered is refused at enqueue, a bare function too", async () => {
    const rig = await Rig.open(store);
    const stray = defineTask({ name: "stray", run: () => {} });
    await assert.rejects(rig.queue.enqueue(stray), { name: "ValidationError", code: "unregistered_task" });
    await assert.rejects(
      // @ts-expect-error a function is no task
      rig.queue.enqueue(() => 1),
      { name: "ValidationError", code: "unregistered_task" },
    );
    assert.equal(rig.queue.storage, rig.storage);
    const { tasks } = await rig.queue.listTasks();
    assert.deepEqual(tasks, []);
  });

  it("S4.103 a subclass puts something around a run, around the handler, and decides about failures", async () => {
    const seen: string[] = [];
    class Watched extends WorkerPool {
      protected override async executeTask(
        context: TaskContext,
        definition: AnyTaskDefinition,
      ): Promise<Outcome> {
        seen.push(`begin ${context.name}`);
        const outcome = await super.executeTask(context, definition);
        seen.push(`end ${outcome.kind}`);
        return outcome;
      }

      protected override callFunction(
        definition: AnyTaskDefinition,
        payload: unknown,
        context: TaskContext,
      ): unknown {
        seen.push(`call ${JSON.stringify(payload)}`);
        return super.callFunction(definition, payload, context);
      }

      protected override handleFailure(thrown: unknown, context: TaskContext) {
        seen.push(`failure ${(thrown as Error).message}`);
        const { error } = super.handleFailure(thrown, context);
        return { kind: "fail", error } as const;
      }
    }
    const bad = defineTask({
      name: "bad",
      maxRetries: 5,
      run: () => {
        throw new Error("no");
      },
    });
    const rig = await Rig.open(store, { tasks: [echo, bad] });
    const pool = new Watched({ queue: rig.queue });
    await rig.queue.enqueue(echo, 1);
    const id = await rig.queue.enqueue(bad);
    assert.equal(await pool.processTasks(), 2);
    assert.deepEqual(seen, [
      "begin echo",
      "call 1",
      "end complete",
      "begin bad",
      "call null",
      "failure no",
      "end fail",
    ]);
    assert.equal((await rig.queue.getTask(id))?.status, "FAILED");
  });

  it("S4.103 a hook that throws fails the task, and the worker goes on", async () => {
    class Broken extends WorkerPool {
      protected override executeTask(): Promise<Outcome> {
        throw new Error("the hook itself");
      }
    }
    const rig = await Rig.open(store, { tasks: [echo] });
    const id = await rig.queue.enqueue(echo, 1, { maxRetries: 0 });
    assert.equal(await new Broken({ queue: rig.queue }).processTasks(), 1);
    assert.equal((await rig.queue.getTask(id))?.error?.message, "the hook itself");
  });

  it("S4.104 leaving the block of a worker lets the three running tasks finish", async () => {
    const gate = Promise.withResolvers<void>();
    let started = 0;
    const slow = defineTask({
      name: "slow",
      run: async (_payload: undefined, { signal }) => {
        started++;
        await gate.promise;
        return signal.aborted ? "aborted" : "finished";
      },
    });
    const rig = await Rig.open(store, { tasks: [slow] });
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push(await rig.queue.enqueue(slow));
    {
      await using pool = new WorkerPool({ queue: rig.queue, concurrency: 3 });
      await pool.start();
      while (started < 3) await new Promise((resolve) => setImmediate(resolve));
      setImmediate(() => void rig.clock.advance(1000).then(gate.resolve));
    }
    for (const id of ids) assert.equal((await rig.queue.getResult(id))?.value, "finished");
  });

  it("S4.107 the storage parameter only makes a queue: the same task runs in the same way", async () => {
    const rig = await Rig.open(store, { tasks: [echo] });
    const id = await rig.queue.enqueue(echo, { n: 1 });
    const pool = new WorkerPool({ storage: rig.storage, tasks: [echo], logger: silentLogger });
    assert.equal(await pool.processTasks(), 1);
    assert.deepEqual((await rig.queue.getResult(id))?.value, { n: 1 });
    assert.ok(pool.queue instanceof TaskQueue && pool.queue.storage === rig.storage);
  });

  it("S4.3 another serializer works, is told payload from result, and its values are refused by the default one", async () => {
    const calls: string[] = [];
    const serializer = {
      format: "base64",
      encode: (value: unknown, what: string) => {
        calls.push(what);
        return Buffer.from(JSON.stringify(value ?? null)).toString("base64");
      },
      decode: (text: string) => JSON.parse(Buffer.from(text, "base64").toString()) as unknown,
    };
    const rig = await Rig.open(store, { tasks: [echo], serializer });
    const id = await rig.queue.enqueue(echo, { n: [1, 2] });
    await rig.drain();
    assert.deepEqual((await rig.queue.getResult(id))?.value, { n: [1, 2] });
    assert.deepEqual((await rig.queue.getTask(id))?.payload, { n: [1, 2] });
    assert.deepEqual(calls, ["payload", "result"]);
    if (store === "memory") return;
    await assert.rejects(rig.connect().getTask(id), {
      name: "SerializationError",
      code: "not_deserializable",
    });
  });

  it("S1.12 S0.6 a task is always read from the store: nothing stands in for it", async () => {
    const rig = await Rig.open(store, { tasks: [echo] });
    assert.equal("_get_task_by_id" in rig.queue || "getTaskById" in rig.queue, false);
    const id = await rig.queue.enqueue(echo, 1, { interval: "1h" });
    const [claimed] = await rig.queue.dequeue({ limit: 1, workerId: "w", leaseMs: 1000 });
    assert.equal(claimed?.record.id, id);
    await rig.queue.completeTask(id);
    assert.equal((await rig.queue.getTask(id))?.run, 2);
  });
});
