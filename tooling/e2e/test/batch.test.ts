import assert from "node:assert/strict";
import { OmniQ, defineTask, silentLogger } from "@omniq/core";
import * as memory from "@omniq/storage-memory";
import { describe, it } from "vitest";
import { Gate } from "../src/gate.ts";
import { LOCAL_STORES, Rig } from "../src/rig.ts";

/** A batch under way, whose first two tasks are at work. */
async function underWay(store: (typeof LOCAL_STORES)[number], handleSignals = false) {
  const gate = new Gate();
  const held = defineTask({ name: "held", run: (_payload: undefined, context) => gate.pass(context) });
  const rig = await Rig.open(store, { tasks: [held] });
  await rig.queue.enqueueMany(Array.from({ length: 5 }, () => ({ task: held })));
  const pool = rig.worker({ concurrency: 2, shutdownTimeout: "5s", handleSignals });
  const batch = pool.processTasks();
  await rig.clock.advance(0);
  assert.equal(gate.entered.length, 2);
  const statuses = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await rig.queue.countTasks()).map(({ status, count }) => [status, count]));
  return { rig, gate, pool, batch, statuses };
}

describe.each(LOCAL_STORES)("a batch on %s", (store) => {
  it("that is stopped finishes what runs, claims no more, and tells how many it ran", async () => {
    const { rig, gate, pool, batch, statuses } = await underWay(store);
    const stopped = pool.stop();
    await rig.clock.advance(1000);
    gate.open();
    await rig.clock.advance(0);
    await stopped;
    assert.equal(await batch, 2);
    assert.equal(pool.running, 0);
    assert.deepEqual(await statuses(), { SUCCESS: 2, PENDING: 3 });
  });

  it("gives back what does not finish in time, without burning an attempt", async () => {
    const { rig, gate, pool, batch, statuses } = await underWay(store);
    const stopped = pool.stop();
    await rig.clock.advance(4999);
    assert.equal(gate.entered[0]?.signal.aborted, false);
    await rig.clock.advance(2000);
    await stopped;
    assert.equal(await batch, 2);
    assert.deepEqual(await statuses(), { PENDING: 5 });
    const { tasks } = await rig.queue.listTasks();
    assert.ok(tasks.every(({ attempts, failures }) => attempts === 0 && failures === 0));
  });

  it("is stopped by a signal, where its pool heeds them, and only as long as it runs", async () => {
    const before = process.listenerCount("SIGTERM");
    const { rig, gate, batch, statuses } = await underWay(store, true);
    assert.equal(process.listenerCount("SIGTERM"), before + 1);
    process.emit("SIGTERM");
    gate.open();
    await rig.clock.advance(0);
    assert.equal(await batch, 2);
    assert.equal(process.listenerCount("SIGTERM"), before);
    assert.deepEqual(await statuses(), { SUCCESS: 2, PENDING: 3 });
  });
});

describe("OmniQ.close", () => {
  it("waits for the tasks of a batch, and leaves none to its lease", async () => {
    const gate = new Gate();
    const held = defineTask({ name: "held", run: (_payload: undefined, context) => gate.pass(context) });
    const database = new memory.MemoryDatabase();
    const open = (): Promise<OmniQ> =>
      OmniQ.open("memory:", { adapter: memory, database, tasks: [held], logger: silentLogger });
    const queue = await open();
    await queue.enqueueMany([{ task: held }, { task: held }]);
    const batch = queue.worker().processTasks();
    while (gate.entered.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = queue.close();
    gate.open();
    await closed;
    assert.equal(await batch, 1);
    await using again = await open();
    const counts = (await again.countTasks()).map(({ status, count }) => [status, count]);
    assert.deepEqual(Object.fromEntries(counts), { SUCCESS: 1, PENDING: 1 });
  });
});
