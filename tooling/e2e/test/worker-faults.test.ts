import { WorkerPool, defineTask, silentLogger } from "@omniq/core";
import { describe, expect, it, vi } from "vitest";
import { Gate } from "../src/gate.ts";
import { LOCAL_STORES, Rig } from "../src/rig.ts";

/** A task that has cost two leases. Each run of a task waits at a gate of its own. */
async function withSuspect(store: (typeof LOCAL_STORES)[number]) {
  const gates = new Map<string, Gate>();
  const task = defineTask({
    name: "task",
    run: (payload: string, context) => {
      const gate = new Gate();
      gates.set(payload, gate);
      return gate.pass(context);
    },
  });
  const rig = await Rig.open(store, { tasks: [task] });
  const suspect = await rig.queue.enqueue(task, "suspect");
  for (let crash = 0; crash < 2; crash++) {
    await rig.storage.dequeue({ limit: 1, workerId: `crashing-${crash}`, leaseMs: 1000 });
    await rig.clock.advance(1000);
  }
  return { rig, task, gates, suspect };
}

describe.each(LOCAL_STORES)("a worker in trouble on %s", (store) => {
  it("renews leases by itself, so that a long task is not taken over", async () => {
    const gate = new Gate();
    const long = defineTask({ name: "long", run: (_payload: undefined, context) => gate.pass(context) });
    const rig = await Rig.open(store, { tasks: [long] });
    const id = await rig.queue.enqueue(long);
    await rig.startWorker({ lease: "30s" });
    await rig.startWorker({ lease: "30s" });
    await rig.clock.advance(300_000);
    expect(gate.entered).toHaveLength(1);
    gate.open();
    await rig.clock.advance(1);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "SUCCESS", attempts: 1, recoveries: 0 });
  });

  it("takes over the task of a worker that is gone, once its lease is over and not before", async () => {
    const double = defineTask({ name: "double", run: ({ n }: { n: number }) => 2 * n });
    const rig = await Rig.open(store, { tasks: [double] });
    const id = await rig.queue.enqueue(double, { n: 1 });
    const [lost] = (await rig.storage.dequeue({ limit: 1, workerId: "gone", leaseMs: 30_000 })).tasks;
    await rig.startWorker({ pollInterval: "1h" });
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
    const rig = await Rig.open(store, { tasks: [poison] });
    const id = await rig.queue.enqueue(poison);
    for (let crash = 0; crash < 3; crash++) {
      const { tasks } = await rig.storage.dequeue({ limit: 1, workerId: `crashing-${crash}`, leaseMs: 1000 });
      expect(tasks).toHaveLength(1);
      await rig.clock.advance(1000);
    }
    await rig.startWorker();
    await rig.clock.advance(1);
    const task = await rig.queue.getTask(id);
    expect(task).toMatchObject({ status: "FAILED", attempts: 3, recoveries: 3 });
    expect(task?.error).toMatchObject({ errorType: "lease_expired", isRetryable: false });
  });

  it("runs a task that has cost two leases alone", async () => {
    const { rig, task, gates, suspect } = await withSuspect(store);
    await rig.queue.enqueue(task, "other");
    await rig.startWorker({ concurrency: 4 });
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

  it("gives such a task back for a while where what runs keeps it and all others waiting", async () => {
    const { rig, task, gates, suspect } = await withSuspect(store);
    await rig.queue.enqueue(task, "hanging");
    await rig.startWorker({ concurrency: 4, lease: "3s" });
    await rig.clock.advance(1000);
    await rig.queue.enqueue(task, "other");
    await rig.clock.advance(1000);
    expect([...gates.keys()]).toEqual(["hanging"]);
    await rig.clock.advance(3000);
    expect([...gates.keys()]).toEqual(["hanging", "other"]);
    expect(await rig.queue.getTask(suspect)).toMatchObject({ status: "PENDING", attempts: 2, recoveries: 2 });
    for (const gate of gates.values()) gate.open();
    await rig.clock.advance(15_000);
    expect([...gates.keys()]).toEqual(["hanging", "other", "suspect"]);
  });

  it("aborts the handler of a task that is cancelled, and records nothing of it", async () => {
    const gate = new Gate();
    const held = defineTask({ name: "held", run: (_payload: undefined, context) => gate.pass(context) });
    const rig = await Rig.open(store, { tasks: [held] });
    const id = await rig.queue.enqueue(held);
    await rig.startWorker({ lease: "30s" });
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
    const rig = await Rig.open(store, { tasks: [held] });
    const first = await rig.queue.enqueue(held);
    const worker = await rig.startWorker();
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
    const rig = await Rig.open(store, { tasks: [heeding, deaf] });
    const ids = [await rig.queue.enqueue(heeding), await rig.queue.enqueue(deaf)];
    const worker = await rig.startWorker({ concurrency: 2, shutdownTimeout: "5s" });
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
    const rig = await Rig.open(store, { tasks: [defineTask({ name: "elsewhere", run: () => "done" })] });
    const id = await rig.queue.enqueue("elsewhere");
    await rig.startWorker({ queue: rig.queueOn(rig.storage, []) });
    const dues: number[] = [];
    for (let second = 0; second < 8; second++) {
      const eta = (await rig.queue.getTask(id))?.schedule.eta.getTime() ?? 0;
      if (!dues.includes(eta)) dues.push(eta);
      await rig.clock.advance(1000);
    }
    const delays = dues.slice(1).map((due, index) => due - (dues[index] ?? 0));
    expect(delays.every((delay, index) => index === 0 || delay >= (delays[index - 1] ?? 0))).toBe(true);
    expect(dues.length).toBeGreaterThan(2);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "PENDING", attempts: 0, failures: 0 });
    expect(rig.messages("warn").filter((message) => message.includes("elsewhere"))).toHaveLength(1);
  });

  it("ends a run whose result cannot be stored as failed, naming the path", async () => {
    const odd = defineTask({ name: "odd", run: () => ({ rows: [{ when: new Date(0) }] }) });
    const rig = await Rig.open(store, { tasks: [odd] });
    const id = await rig.queue.enqueue(odd);
    await rig.startWorker();
    await rig.clock.advance(100_000);
    const task = await rig.queue.getTask(id);
    expect(task).toMatchObject({ status: "FAILED", attempts: 1 });
    expect(task?.error).toMatchObject({ errorType: "validation" });
    expect(task?.error?.message).toContain("result.rows[0].when");
  });

  it("stores every other outcome where the store does not take one, and ends the run of that one as failed", async () => {
    const echo = defineTask({ name: "echo", maxRetries: 0, run: (n: number) => (n === 7 ? "poison" : n) });
    const rig = await Rig.open(store, { tasks: [echo] });
    const exchange = rig.storage.exchange.bind(rig.storage);
    let trips = 0;
    vi.spyOn(rig.storage, "exchange").mockImplementation(async (params) => {
      trips++;
      const outcomes = params.settle.settlements.map(({ outcome }) => outcome);
      if (outcomes.some((outcome) => outcome.kind === "complete" && outcome.result === "poison"))
        throw new Error("this text cannot be stored");
      return exchange(params);
    });
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => rig.queue.enqueue(echo, n)));
    await rig.startWorker({ concurrency: 10 });
    await rig.clock.advance(10_000);
    const results = await Promise.all(ids.map((id) => rig.queue.getResult(id)));
    expect(results.filter((result) => result?.status === "SUCCESS")).toHaveLength(19);
    expect(results[7]?.error?.message).toBe("The outcome could not be stored: this text cannot be stored");
    expect(trips).toBeLessThan(40);
  });

  it("ends a run as failed where what is said of its failure is no outcome", async () => {
    class Careless extends WorkerPool {
      override handleFailure(): never {
        return undefined as never;
      }
    }
    const failing = defineTask({
      name: "failing",
      run: () => {
        throw new Error("always");
      },
    });
    const rig = await Rig.open(store, { tasks: [failing] });
    const id = await rig.queue.enqueue(failing);
    const pool = new Careless({ queue: rig.queue, logger: silentLogger });
    await pool.start();
    await rig.clock.advance(0);
    expect(await rig.queue.getTask(id)).toMatchObject({ status: "FAILED", recoveries: 0 });
    await pool.stop();
  });

  it("goes on where its logger fails, and warns of it once", async () => {
    const failing = defineTask({
      name: "failing",
      maxRetries: 0,
      run: () => {
        throw new Error("always");
      },
    });
    const rig = await Rig.open(store, { tasks: [failing] });
    const broken = (): never => {
      throw new Error("the stream was destroyed");
    };
    const logger = { debug: broken, info: broken, warn: broken, error: broken };
    const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const pool = new WorkerPool({ queue: rig.queue, logger });
    await pool.start();
    const ids = [await rig.queue.enqueue(failing), await rig.queue.enqueue(failing)];
    await rig.clock.advance(0);
    for (const id of ids) expect((await rig.queue.getTask(id))?.status).toBe("FAILED");
    await pool.stop();
    const told = warnings.mock.calls.filter(
      ([, options]) => (options as { code?: string })?.code === "OMNIQ_LOGGER_FAILED",
    );
    expect(told).toHaveLength(1);
    warnings.mockRestore();
  });

  it("does not start again once it was stopped, and says so", async () => {
    const rig = await Rig.open(store, { tasks: [] });
    const pool = new WorkerPool({ queue: rig.queue, logger: silentLogger });
    await pool.start();
    await pool.stop();
    await expect(pool.start()).rejects.toMatchObject({ code: "worker_stopped" });
  });
});
