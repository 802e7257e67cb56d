import { NonRetryableError, TaskError, type TaskContext, defineTask } from "@omniq/core";
import { describe, expect, it } from "vitest";
import { Gate } from "../src/gate.ts";
import { LOCAL_STORES, Rig } from "../src/rig.ts";

const fixed = { strategy: "fixed", base: "1s", jitter: 0 } as const;

describe.each(LOCAL_STORES)("a worker on %s", (store) => {
  it("runs a task, stores its result, and tells who waits", async () => {
    const double = defineTask({ name: "double", run: ({ n }: { n: number }) => 2 * n });
    const rig = await Rig.open(store, { tasks: [double] });
    const id = await rig.queue.enqueue(double, { n: 21 });
    await rig.startWorker();
    await rig.clock.advance(0);
    const result = await rig.queue.getResult(id, { wait: true });
    expect(result).toMatchObject({ status: "SUCCESS", value: 42, error: null, attempts: 1, run: 1 });
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "SUCCESS", error: null });
  });

  it.each([0, 1, 3])("maxRetries %i: executes once more than that, then fails", async (maxRetries) => {
    let executions = 0;
    const failing = defineTask({
      name: "failing",
      maxRetries,
      retry: fixed,
      run: () => {
        executions++;
        throw new Error("always");
      },
    });
    const rig = await Rig.open(store, { tasks: [failing] });
    const id = await rig.queue.enqueue(failing);
    await rig.startWorker();
    for (let retry = 0; retry < maxRetries; retry++) {
      await rig.clock.advance(0);
      const waiting = await rig.queue.getTask(id);
      expect(waiting).toMatchObject({ status: "PENDING", attempts: retry + 1, failures: retry + 1 });
      expect(waiting?.error).toMatchObject({ retryCount: retry, errorType: "runtime", message: "always" });
      await rig.clock.advance(1000);
    }
    await rig.clock.advance(0);
    expect(executions).toBe(maxRetries + 1);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "FAILED", attempts: maxRetries + 1 });
    const result = await rig.queue.getResult(id);
    expect(result?.error).toMatchObject({ retryCount: maxRetries, message: "always" });
  });

  it("keeps what a thrown TaskError says of itself", async () => {
    const refused = defineTask({
      name: "refused",
      retry: fixed,
      maxRetries: 1,
      run: () => {
        throw new TaskError({ errorType: "business", message: "no credit" }, { context: { account: 7 } });
      },
    });
    const rig = await Rig.open(store, { tasks: [refused] });
    const id = await rig.queue.enqueue(refused);
    await rig.startWorker();
    await rig.clock.advance(1000);
    const error = (await rig.queue.getResult(id))?.error;
    expect(error).toMatchObject({
      errorType: "business",
      message: "no credit",
      retryCount: 1,
      context: { account: 7 },
    });
  });

  it("does not retry what no retry can mend", async () => {
    const hopeless = defineTask({
      name: "hopeless",
      run: () => {
        throw new NonRetryableError("wrong input");
      },
    });
    const rig = await Rig.open(store, { tasks: [hopeless] });
    const id = await rig.queue.enqueue(hopeless);
    await rig.startWorker();
    await rig.clock.advance(100_000);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "FAILED", attempts: 1 });
  });

  it("aborts a run that exceeds its timeout, and counts it as failed though the handler hangs", async () => {
    const signals: AbortSignal[] = [];
    const hanging = defineTask({
      name: "hanging",
      timeout: "10s",
      maxRetries: 1,
      retry: fixed,
      run: (_payload: undefined, { signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    });
    const rig = await Rig.open(store, { tasks: [hanging] });
    const id = await rig.queue.enqueue(hanging);
    await rig.startWorker();
    await rig.clock.advance(9999);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await rig.clock.advance(1);
    expect(signals[0]?.reason).toMatchObject({ errorType: "timeout" });
    await rig.clock.advance(11_000);
    expect(signals).toHaveLength(2);
    expect((await rig.queue.getTask(id))?.error).toMatchObject({ errorType: "timeout", retryCount: 1 });
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "FAILED", attempts: 2 });
  });

  it("runs an interval task again and again under one id, an interval apart", async () => {
    const starts: number[] = [];
    const tick = defineTask({
      name: "tick",
      run: (_payload: null, { run }) => {
        starts.push(rig.clock.now());
        return run;
      },
    });
    const rig = await Rig.open(store, { tasks: [tick] });
    const began = rig.clock.now();
    const id = await rig.queue.enqueue("tick", null, { interval: "1m" });
    await rig.startWorker({ pollInterval: "1h" });
    await rig.clock.advance(125_000);
    expect(starts).toEqual([began, began + 60_000, began + 120_000]);
    for (const run of [1, 2, 3]) expect((await rig.queue.getResult(id, { run }))?.value).toBe(run);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "PENDING", run: 4, attempts: 0 });
  });

  it("goes on with a recurring task after a run failed for good, unless told to stop", async () => {
    const failing = defineTask({
      name: "failing",
      maxRetries: 0,
      run: () => {
        throw new Error("each time");
      },
    });
    const rig = await Rig.open(store, { tasks: [failing] });
    const on = await rig.queue.enqueue(failing, undefined, { interval: "1m" });
    const stopping = await rig.queue.enqueue(failing, undefined, { interval: "1m", onFailure: "stop" });
    await rig.startWorker({ pollInterval: "1h" });
    await rig.clock.advance(61_000);
    expect(await rig.queue.getTask(on)).toMatchObject({ status: "PENDING", run: 3, error: null });
    expect((await rig.queue.getResult(on, { run: 1 }))?.error?.message).toBe("each time");
    expect(await rig.queue.getTask(stopping)).toMatchObject({ status: "FAILED", run: 1 });
  });

  it("never runs more at once than its concurrency", async () => {
    const gate = new Gate();
    const held = defineTask({ name: "held", run: (_payload: undefined, context) => gate.pass(context) });
    const rig = await Rig.open(store, { tasks: [held] });
    for (let count = 0; count < 10; count++) await rig.queue.enqueue(held);
    const worker = await rig.startWorker({ concurrency: 3 });
    await rig.clock.advance(5000);
    expect(gate.entered).toHaveLength(3);
    expect(worker.running).toBe(3);
    const running = (await rig.queue.countTasks()).find(({ status }) => status === "RUNNING");
    expect(running?.count).toBe(3);
    gate.open();
    await rig.clock.advance(1);
    expect(gate.entered).toHaveLength(10);
  });

  it("checks the payload again before the run, against the schema that it knows", async () => {
    const rig = await Rig.open(store, { tasks: [defineTask({ name: "mail", run: () => "sent" })] });
    const id = await rig.queue.enqueue("mail", { to: 7 });
    const input = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ issues: [{ message: "must be a text", path: ["to"] }] }),
      },
    } as const;
    const stricter = defineTask({ name: "mail", input, run: () => "sent" });
    await rig.startWorker({ queue: rig.queueOn(rig.storage, [stricter]) });
    await rig.clock.advance(1);
    const task = await rig.queue.getTask(id);
    expect(task).toMatchObject({ status: "FAILED", attempts: 1 });
    expect(task?.error).toMatchObject({ errorType: "validation", isRetryable: false });
    expect(task?.error?.message).toContain("payload.to");
  });

  it("serves queues by weight, so that a flood in one does not starve another", async () => {
    const order: string[] = [];
    const task = defineTask({
      name: "task",
      run: (_payload: undefined, { queue }) => void order.push(queue),
    });
    const rig = await Rig.open(store, { tasks: [task] });
    for (let count = 0; count < 40; count++) await rig.queue.enqueue(task, undefined, { queue: "flood" });
    for (let count = 0; count < 4; count++) await rig.queue.enqueue(task, undefined, { queue: "trickle" });
    await rig.startWorker({ queues: ["flood", "trickle"] });
    await rig.drained();
    expect(order).toHaveLength(44);
    expect(order.slice(0, 10).filter((queue) => queue === "trickle").length).toBeGreaterThanOrEqual(4);
  });

  it("takes the order of its queues as a precedence where it is strict", async () => {
    const order: string[] = [];
    const task = defineTask({
      name: "task",
      run: (_payload: undefined, { queue }) => void order.push(queue),
    });
    const rig = await Rig.open(store, { tasks: [task] });
    for (const queue of ["low", "low", "high", "high"]) await rig.queue.enqueue(task, undefined, { queue });
    await rig.startWorker({ queues: ["high", "low"], strict: true });
    await rig.drained();
    expect(order).toEqual(["high", "high", "low", "low"]);
  });

  it("gives its handler functions that work though they are taken out of the context", async () => {
    const seen: unknown[] = [];
    const apart = defineTask({
      name: "apart",
      run: async (_: undefined, { snooze, setProgress, taskId, attempt }) => {
        await setProgress({ attempt });
        seen.push((await rig.queue.getTask(taskId))?.progress);
        snooze("1h");
      },
    });
    const rig = await Rig.open(store, { tasks: [apart] });
    const id = await rig.queue.enqueue(apart);
    await rig.startWorker();
    await rig.clock.advance(0);
    expect(seen).toEqual([{ attempt: 1 }]);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "PENDING", failures: 0, attempts: 0 });
  });

  it("gives its handler a logger bound to the task, and its lease", async () => {
    let seen: TaskContext | null = null;
    const task = defineTask({
      name: "task",
      run: (_payload: undefined, context) => {
        seen = context;
        context.logger.info("at work");
      },
    });
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task, undefined, { headers: { trace: "t-1" } });
    await rig.startWorker({ workerId: "w-1" });
    await rig.clock.advance(1);
    expect(seen).toMatchObject({
      taskId: id,
      name: "task",
      attempt: 1,
      run: 1,
      workerId: "w-1",
      headers: { trace: "t-1" },
    });
    const record = rig.log.find(({ message }) => message === "at work");
    expect(record?.fields).toEqual({
      task_id: id,
      correlation_id: id,
      operation: "task",
      attempt: 1,
      worker: "w-1",
    });
  });
});
