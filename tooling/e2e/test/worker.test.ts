import { NonRetryableError, TaskError, type TaskContext, defineTask } from "@omniq/core";
import { describe, expect, it } from "vitest";
import { Rig } from "../src/rig.ts";
import { stores } from "../src/stores.ts";

const fixed = { strategy: "fixed", base: "1s", jitter: 0 } as const;

/** Keeps a handler at work until the test lets it go, or its signal aborts. */
class Gate {
  readonly entered: TaskContext[] = [];
  readonly #open = Promise.withResolvers<void>();

  async pass(context: TaskContext): Promise<void> {
    this.entered.push(context);
    const aborted = new Promise<never>((_, reject) => {
      context.signal.addEventListener("abort", () => reject(context.signal.reason as Error));
    });
    await Promise.race([this.#open.promise, aborted]);
  }

  open(): void {
    this.#open.resolve();
  }
}

describe.each(Object.entries(stores))("a worker on %s", (_name, open) => {
  it("runs a task, stores its result, and tells who waits", async () => {
    const double = defineTask({ name: "double", run: ({ n }: { n: number }) => 2 * n });
    const rig = new Rig(open(), [double]);
    const id = await rig.queue.enqueue(double, { n: 21 });
    await rig.worker();
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
    const rig = new Rig(open(), [failing]);
    const id = await rig.queue.enqueue(failing);
    await rig.worker();
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
    const rig = new Rig(open(), [refused]);
    const id = await rig.queue.enqueue(refused);
    await rig.worker();
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
    const rig = new Rig(open(), [hopeless]);
    const id = await rig.queue.enqueue(hopeless);
    await rig.worker();
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
    const rig = new Rig(open(), [hanging]);
    const id = await rig.queue.enqueue(hanging);
    await rig.worker();
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
    const rig = new Rig(open(), [
      defineTask({
        name: "tick",
        run: (_payload: null, { run }) => {
          starts.push(rig.clock.now());
          return run;
        },
      }),
    ]);
    const began = rig.clock.now();
    const id = await rig.queue.enqueue("tick", null, { interval: "1m" });
    await rig.worker({ pollInterval: "1h" });
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
    const rig = new Rig(open(), [failing]);
    const on = await rig.queue.enqueue(failing, undefined, { interval: "1m" });
    const stopping = await rig.queue.enqueue(failing, undefined, { interval: "1m", onFailure: "stop" });
    await rig.worker({ pollInterval: "1h" });
    await rig.clock.advance(61_000);
    expect(await rig.queue.getTask(on)).toMatchObject({ status: "PENDING", run: 3, error: null });
    expect((await rig.queue.getResult(on, { run: 1 }))?.error?.message).toBe("each time");
    expect(await rig.queue.getTask(stopping)).toMatchObject({ status: "FAILED", run: 1 });
  });

  it("never runs more at once than its concurrency", async () => {
    const gate = new Gate();
    const held = defineTask({ name: "held", run: (_payload: undefined, context) => gate.pass(context) });
    const rig = new Rig(open(), [held]);
    for (let count = 0; count < 10; count++) await rig.queue.enqueue(held);
    const worker = await rig.worker({ concurrency: 3 });
    await rig.clock.advance(5000);
    expect(gate.entered).toHaveLength(3);
    expect(worker.running).toBe(3);
    const running = (await rig.queue.countTasks()).find(({ status }) => status === "RUNNING");
    expect(running?.count).toBe(3);
    gate.open();
    await rig.clock.advance(1);
    expect(gate.entered).toHaveLength(10);
  });

  it("renews leases by itself, so that a long task is not taken over", async () => {
    const gate = new Gate();
    const long = defineTask({ name: "long", run: (_payload: undefined, context) => gate.pass(context) });
    const rig = new Rig(open(), [long]);
    const id = await rig.queue.enqueue(long);
    await rig.worker({ lease: "30s" });
    await rig.worker({ lease: "30s" });
    await rig.clock.advance(300_000);
    expect(gate.entered).toHaveLength(1);
    gate.open();
    await rig.clock.advance(1);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "SUCCESS", attempts: 1, recoveries: 0 });
  });

  it("takes over the task of a worker that is gone, once its lease is over and not before", async () => {
    const double = defineTask({ name: "double", run: ({ n }: { n: number }) => 2 * n });
    const rig = new Rig(open(), [double]);
    const id = await rig.queue.enqueue(double, { n: 1 });
    const [lost] = (await rig.storage.dequeue({ limit: 1, workerId: "gone", leaseMs: 30_000 })).tasks;
    await rig.worker({ pollInterval: "1h" });
    await rig.clock.advance(29_999);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "RUNNING", workerId: "gone" });
    await rig.clock.advance(1);
    expect(await rig.queue.getTask(id)).toMatchObject({
      status: "SUCCESS",
      attempts: 2,
      recoveries: 1,
      failures: 0,
    });
    expect(lost?.record.id).toBe(id);
    await expect(rig.queue.completeTask(id, "late", lost)).rejects.toMatchObject({
      code: "lease_lost",
      reason: "taken_over",
    });
    expect((await rig.queue.getResult(id))?.value).toBe(2);
  });

  it("ends a poison task that has cost its cap of leases, with the type lease_expired", async () => {
    const poison = defineTask({ name: "poison", maxRecoveries: 2, run: () => "never" });
    const rig = new Rig(open(), [poison]);
    const id = await rig.queue.enqueue(poison);
    for (let crash = 0; crash < 3; crash++) {
      const { tasks } = await rig.storage.dequeue({ limit: 1, workerId: `crashing-${crash}`, leaseMs: 1000 });
      expect(tasks).toHaveLength(1);
      await rig.clock.advance(1000);
    }
    await rig.worker();
    await rig.clock.advance(1);
    const task = await rig.queue.getTask(id);
    expect(task).toMatchObject({ status: "FAILED", attempts: 3, recoveries: 3 });
    expect(task?.error).toMatchObject({ errorType: "lease_expired", isRetryable: false });
  });

  it("runs a task that has cost two leases alone", async () => {
    const gates = new Map<string, Gate>();
    const task = defineTask({
      name: "task",
      run: (payload: string, context) => {
        const gate = new Gate();
        gates.set(payload, gate);
        return gate.pass(context);
      },
    });
    const rig = new Rig(open(), [task]);
    const suspect = await rig.queue.enqueue(task, "suspect");
    for (let crash = 0; crash < 2; crash++) {
      await rig.storage.dequeue({ limit: 1, workerId: `crashing-${crash}`, leaseMs: 1000 });
      await rig.clock.advance(1000);
    }
    await rig.queue.enqueue(task, "other");
    await rig.worker({ concurrency: 4 });
    await rig.clock.advance(10_000);
    expect([...gates.keys()]).toEqual(["other"]);
    await rig.queue.enqueue(task, "later");
    gates.get("other")?.open();
    await rig.clock.advance(10_000);
    expect([...gates.keys()]).toEqual(["other", "suspect"]);
    gates.get("suspect")?.open();
    await rig.clock.advance(10_000);
    expect([...gates.keys()]).toEqual(["other", "suspect", "later"]);
    expect(await rig.queue.getTask(suspect)).toMatchObject({ status: "SUCCESS", recoveries: 2 });
  });

  it("aborts the handler of a task that is cancelled, and records nothing of it", async () => {
    const gate = new Gate();
    const held = defineTask({ name: "held", run: (_payload: undefined, context) => gate.pass(context) });
    const rig = new Rig(open(), [held]);
    const id = await rig.queue.enqueue(held);
    await rig.worker({ lease: "30s" });
    await rig.clock.advance(1);
    expect(await rig.queue.cancel(id)).toBe(true);
    await rig.clock.advance(10_000);
    expect(gate.entered[0]?.signal.reason).toMatchObject({ code: "lease_lost", reason: "cancelled" });
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "CANCELLED", error: null, failures: 0 });
    expect(await rig.queue.getResult(id)).toBeNull();
  });

  it("lets running tasks finish when it is stopped, and claims no more", async () => {
    const gate = new Gate();
    const held = defineTask({ name: "held", run: (_payload: undefined, context) => gate.pass(context) });
    const rig = new Rig(open(), [held]);
    const first = await rig.queue.enqueue(held);
    const worker = await rig.worker();
    await rig.clock.advance(1);
    const second = await rig.queue.enqueue(held);
    const stopped = worker.stop();
    await rig.clock.advance(1000);
    gate.open();
    await rig.clock.advance(1);
    await stopped;
    expect((await rig.queue.getTask(first))?.status).toBe("SUCCESS");
    expect((await rig.queue.getTask(second))?.status).toBe("PENDING");
  });

  it("releases what does not finish in time, without burning an attempt, whether or not it heeds its signal", async () => {
    const gate = new Gate();
    const heeding = defineTask({
      name: "heeding",
      run: (_payload: undefined, context) => gate.pass(context),
    });
    const deaf = defineTask({ name: "deaf", run: () => new Promise(() => {}) });
    const rig = new Rig(open(), [heeding, deaf]);
    const ids = [await rig.queue.enqueue(heeding), await rig.queue.enqueue(deaf)];
    const worker = await rig.worker({ concurrency: 2, shutdownTimeout: "5s" });
    await rig.clock.advance(1);
    const stopped = worker.stop();
    await rig.clock.advance(4999);
    expect(gate.entered[0]?.signal.aborted).toBe(false);
    await rig.clock.advance(10_000);
    await stopped;
    for (const id of ids) {
      expect(await rig.queue.getTask(id)).toMatchObject({
        status: "PENDING",
        attempts: 0,
        failures: 0,
        recoveries: 0,
      });
    }
  });

  it("gives back a task whose name it does not know, each time for longer, and warns once", async () => {
    const place = open();
    const producer = new Rig(place, [defineTask({ name: "elsewhere", run: () => "done" })]);
    const id = await producer.queue.enqueue("elsewhere");
    const ignorant = new Rig({ ...place, connect: () => producer.storage, cleanUp: async () => {} }, []);
    await ignorant.worker();
    const dues: number[] = [];
    for (let second = 0; second < 8; second++) {
      const eta = (await producer.queue.getTask(id))?.schedule.eta.getTime() ?? 0;
      if (!dues.includes(eta)) dues.push(eta);
      await Promise.all([producer.clock.advance(1000), ignorant.clock.advance(1000)]);
    }
    const delays = dues.slice(1).map((due, index) => due - (dues[index] ?? 0));
    expect(delays.every((delay, index) => index === 0 || delay >= (delays[index - 1] ?? 0))).toBe(true);
    expect(dues.length).toBeGreaterThan(2);
    expect(await producer.queue.getTask(id)).toMatchObject({ status: "PENDING", attempts: 0, failures: 0 });
    expect(ignorant.messages("warn").filter((message) => message.includes("elsewhere"))).toHaveLength(1);
  });

  it("ends a run whose result cannot be stored as failed, naming the path", async () => {
    const odd = defineTask({ name: "odd", run: () => ({ rows: [{ when: new Date(0) }] }) });
    const rig = new Rig(open(), [odd]);
    const id = await rig.queue.enqueue(odd);
    await rig.worker();
    await rig.clock.advance(100_000);
    const task = await rig.queue.getTask(id);
    expect(task).toMatchObject({ status: "FAILED", attempts: 1 });
    expect(task?.error).toMatchObject({ errorType: "validation" });
    expect(task?.error?.message).toContain("result.rows[0].when");
  });

  it("checks the payload again before the run, against the schema that it knows", async () => {
    const place = open();
    const old = new Rig(place, [defineTask({ name: "mail", run: () => "sent" })]);
    const id = await old.queue.enqueue("mail", { to: 7 });
    const input = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ issues: [{ message: "must be a text", path: ["to"] }] }),
      },
    } as const;
    const renewed = new Rig({ ...place, connect: () => old.storage, cleanUp: async () => {} }, [
      defineTask({ name: "mail", input, run: () => "sent" }),
    ]);
    await renewed.worker();
    await renewed.clock.advance(1);
    const task = await old.queue.getTask(id);
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
    const rig = new Rig(open(), [task]);
    for (let count = 0; count < 40; count++) await rig.queue.enqueue(task, undefined, { queue: "flood" });
    for (let count = 0; count < 4; count++) await rig.queue.enqueue(task, undefined, { queue: "trickle" });
    await rig.worker({ queues: ["flood", "trickle"] });
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
    const rig = new Rig(open(), [task]);
    for (const queue of ["low", "low", "high", "high"]) await rig.queue.enqueue(task, undefined, { queue });
    await rig.worker({ queues: ["high", "low"], strict: true });
    await rig.drained();
    expect(order).toEqual(["high", "high", "low", "low"]);
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
    const rig = new Rig(open(), [task]);
    const id = await rig.queue.enqueue(task, undefined, { headers: { trace: "t-1" } });
    await rig.worker({ workerId: "w-1" });
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
