import assert from "node:assert/strict";
import { TaskError, TaskQueue, defineTask } from "@omniq/core";
import type { EventStorage, ResultStorage, TaskStorage } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { DURABLE_STORES, Rig, STORES } from "../../src/rig.ts";

const task = defineTask({ name: "task", run: (value: unknown) => value });
const CLAIM = { limit: 10, workerId: "by hand", leaseMs: 60_000 };

describe.each(STORES)("seed 002: facets, results and events on %s", (store) => {
  it("S2.1 S2.2 S2.3 S2.6 S2.15 one store is a queue, a store of results and one of events", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const tasks: TaskStorage = rig.storage;
    const results: ResultStorage = rig.storage;
    const events: EventStorage = rig.storage;
    await tasks.enqueue({ groups: [[{ id: "t", name: "task", payload: 1 }]] });
    const { tasks: claimed } = await tasks.dequeue(CLAIM);
    await tasks.settle({
      settlements: claimed.map((one) => ({ task: one, outcome: { kind: "complete", result: 2 } })),
    });
    assert.equal((await results.getResult("t"))?.value, 2);
    assert.deepEqual(
      (await events.queryEvents({ taskId: "t" })).events.map(({ type }) => type),
      ["enqueued", "started", "completed"],
    );
    await rig.storage.close();
    await rig.storage.close();
    await assert.rejects(results.getResult("t"), { code: "closed" });
    await assert.rejects(events.queryEvents(), { code: "closed" });
  });

  it("S2.7 a task of one queue is never handed to a worker of another", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    await rig.queue.enqueue(task, "for a", { queue: "a" });
    const inB = await rig.queue.enqueue(task, "for b", { queue: "b" });
    const inDefault = await rig.queue.enqueue(task, "for nobody in particular");
    const { tasks: claimed } = await rig.storage.dequeue({ ...CLAIM, queues: [{ name: "b", limit: 10 }] });
    assert.deepEqual(
      claimed.map(({ record }) => record.id),
      [inB],
    );
    assert.equal(await rig.worker({ queues: ["default"] }).processTasks(), 1);
    assert.equal((await rig.queue.getTask(inDefault))?.status, "SUCCESS");
  });

  it("S2.10 a result comes back whole: value, instants, error, and a stored null is not an absent one", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const value = { text: "ä № 😀", list: [1, null, { deep: true }], number: -0.5 };
    const id = await rig.queue.enqueue(task, value);
    await rig.drain();
    const result = await rig.queue.getResult(id);
    assert.deepEqual(
      { ...result },
      {
        taskId: id,
        run: 1,
        status: "SUCCESS",
        value,
        error: null,
        attempts: 1,
        startedAt: new Date(rig.clock.now()),
        finishedAt: new Date(rig.clock.now()),
        expiresAt: new Date(rig.clock.now() + 86_400_000),
      },
    );
    const nothing = await rig.queue.enqueue(task, null);
    await rig.drain();
    const stored = await rig.queue.getResult(nothing);
    assert.ok(stored);
    assert.equal(stored.value, null);
    assert.equal(await rig.queue.getResult("nobody"), null);
    await rig.storage.putResult({
      taskId: "alone",
      run: 1,
      status: "FAILED",
      error: new TaskError({ errorType: "x", message: "y" }),
    });
    assert.ok((await rig.storage.getResult("alone"))?.error instanceof TaskError);
  });

  it("S2.11 a result is there until its time to live is over, and is purged by exact count", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task, 1, { resultTtl: "1h" });
    const kept = await rig.queue.enqueue(task, 2, { resultTtl: null });
    await rig.drain();
    const move = async (ms: number): Promise<void> => {
      await rig.clock.advance(ms);
      await rig.place.setNow?.(rig.clock.now());
    };
    await move(3_599_999);
    assert.equal((await rig.queue.getResult(id))?.value, 1);
    assert.equal(await rig.storage.purgeResults(), 0);
    await move(1);
    assert.equal(await rig.queue.getResult(id), null);
    assert.equal(await rig.storage.purgeResults(), 1);
    assert.equal(await rig.storage.purgeResults(), 0);
    assert.equal((await rig.queue.getResult(kept))?.value, 2);
  });

  it("S2.13 events are found by task, type, worker and time; pages under inserts repeat and skip nothing", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const first = await rig.queue.enqueue(task, 1);
    await rig.drain();
    const begun = rig.clock.now();
    await rig.clock.advance(1000);
    await rig.place.setNow?.(rig.clock.now());
    const second = await rig.queue.enqueue(task, 2);
    await rig.worker({ workerId: "other" }).processTasks();
    const types = async (params: object): Promise<string[]> =>
      (await rig.queue.queryEvents(params)).events.map(({ type }) => type);
    assert.deepEqual(await types({ taskId: first }), ["enqueued", "started", "completed"]);
    assert.deepEqual(await types({ taskId: second, type: "completed" }), ["completed"]);
    assert.deepEqual(await types({ workerId: "other" }), ["started", "completed"]);
    assert.equal((await types({ to: begun + 1 })).length, 3);
    assert.equal((await types({ from: begun + 1 })).length, 3);
    const seen: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const page = await rig.queue.queryEvents({ cursor, limit: 2 });
      seen.push(...page.events.map((event) => `${event.taskId} ${event.type}`));
      if (pages++ === 0) await rig.queue.enqueue(task, 3);
      ({ cursor } = page);
    } while (cursor !== null && pages < 20);
    assert.equal(seen.length, 7);
    assert.equal(new Set(seen).size, 7);
  });

  it("S4.46 S4.4 the queue reads tasks, with their schedule and instants", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task, 1, { interval: { hours: 1 } });
    const read = await rig.queue.getTask(id);
    assert.equal(read?.schedule.interval?.totalSeconds(), 3600);
    assert.ok(read?.schedule.eta instanceof Date && read.updatedAt instanceof Date);
    assert.equal(read.status, "PENDING");
  });

  it("S4.43 a task is enqueued by its registered name; an unknown name throws at once, and nothing is stored", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue("task", null, { interval: "1h" });
    assert.equal((await rig.queue.getTask(id))?.schedule.interval?.totalSeconds(), 3600);
    await assert.rejects(rig.queue.enqueue("my_module.cleanup_task", null, { interval: "1h" }), {
      name: "ValidationError",
      code: "unregistered_task",
    });
    assert.equal((await rig.queue.listTasks()).tasks.length, 1);
  });

  it("S1.11 S2.8 ids that look like code are ids: kept byte for byte, handed out once", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const ids = ["'; drop table tasks; --", "../../etc/passwd", "a b\tc", "{x}:*", "ключ", '"'];
    for (const id of ids) await rig.queue.enqueue(task, id, { id });
    const { tasks: first } = await rig.storage.dequeue({ ...CLAIM, limit: 3 });
    const { tasks: second } = await rig.connect().dequeue({ ...CLAIM, limit: 10, workerId: "other" });
    assert.deepEqual([...first, ...second].map(({ record }) => record.id).toSorted(), ids.toSorted());
    assert.ok(first.every(({ record }) => record.status === "RUNNING" && record.workerId === "by hand"));
  });
});

describe.each(DURABLE_STORES)("seed 002: other instances of %s", (store) => {
  it("S2.6 S2.16 what one instance enqueues another dequeues, with results and events in the same place", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task, 5);
    const other = rig.connect();
    const queue = rig.queueOn(other, [task]);
    assert.ok(queue instanceof TaskQueue);
    assert.equal(await rig.worker({ queue }).processTasks(), 1);
    assert.equal((await rig.queue.getResult(id))?.value, 5);
    assert.equal((await rig.queue.queryEvents({ taskId: id })).events.length, 3);
  });
});
