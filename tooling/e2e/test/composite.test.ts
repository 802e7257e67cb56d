import assert from "node:assert/strict";
import { once } from "node:events";
import { CompositeStorage, StorageError, TaskQueue, defineTask, silentLogger } from "@omniq/core";
import type { ClaimedTask, EventInsert, ResultHookParams, SettleAnswer } from "@omniq/core/storage";
import { MemoryStorage } from "@omniq/storage-memory";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import { describe, it } from "vitest";

/** A store that refuses to keep results that are not put aside, as if it had crashed just before. */
class Failing extends MemoryStorage {
  isDown = false;

  protected override async doPutResult(params: ResultHookParams): Promise<void> {
    if (this.isDown && params.pendingToken === null) throw new StorageError("down", "The store is down");
    await super.doPutResult(params);
  }
}

/** A store that takes no events for a while. */
class Deaf extends MemoryStorage {
  isDown = false;

  protected override async doAppendEvents(events: readonly EventInsert[]): Promise<void> {
    if (this.isDown) throw new StorageError("down", "The store is down");
    await super.doAppendEvents(events);
  }
}

const ping = defineTask({ name: "ping", run: async () => "pong" });

async function claimed(queue: TaskQueue): Promise<ClaimedTask> {
  const [task] = await queue.dequeue({ limit: 1, workerId: "w", leaseMs: 1000 });
  assert.ok(task);
  return task;
}

async function claimedIds(queue: TaskQueue): Promise<string[]> {
  const tasks = await queue.dequeue({ limit: 9, workerId: "w", leaseMs: 1000 });
  return tasks.map(({ record }) => record.id);
}

function settle(
  storage: CompositeStorage,
  task: ClaimedTask,
  result: string,
): Promise<readonly SettleAnswer[]> {
  return storage
    .settle({ settlements: [{ task, outcome: { kind: "complete", result } }] })
    .then(({ answers }) => answers);
}

describe("tasks, results and events in different stores", () => {
  it("are one store to the application", async () => {
    const [tasks, results, events] = [
      new SQLiteStorage(":memory:"),
      new MemoryStorage(),
      new MemoryStorage(),
    ];
    const storage = new CompositeStorage({ tasks, results, events });
    const queue = new TaskQueue({ storage, tasks: [ping], logger: silentLogger });
    const id = await queue.enqueue(ping);
    await queue.completeTask(id, "pong", await claimed(queue));
    assert.equal((await queue.getResult(id))?.value, "pong");
    assert.equal((await results.getResult(id))?.value, "pong");
    assert.equal(await tasks.getResult(id), null);
    assert.equal((await storage.describe()).adapter, "composite of sqlite+memory+memory");
    await storage.close();
  });

  it("show the result of a run whose settlement was not confirmed, and confirm it", async () => {
    const results = new Failing();
    const storage = new CompositeStorage({ tasks: new MemoryStorage(), results });
    const queue = new TaskQueue({ storage, tasks: [ping], logger: silentLogger });
    const id = await queue.enqueue(ping);
    const task = await claimed(queue);
    results.isDown = true;
    await assert.rejects(settle(storage, task, "pong"), { code: "down" });
    results.isDown = false;
    assert.equal((await queue.getTask(id))?.status, "SUCCESS");
    assert.equal(await results.getResult(id), null);
    assert.equal((await queue.getResult(id))?.value, "pong");
    assert.equal((await results.getResult(id))?.value, "pong");
    assert.equal((await settle(storage, task, "pong"))[0]?.status, "repeated");
    await storage.close();
  });

  it("keep such a result when the task runs again", async () => {
    const results = new Failing();
    const storage = new CompositeStorage({ tasks: new MemoryStorage(), results });
    const queue = new TaskQueue({ storage, tasks: [ping], logger: silentLogger });
    const id = await queue.enqueue(ping, undefined, { interval: "1h" });
    results.isDown = true;
    await assert.rejects(settle(storage, await claimed(queue), "first"), { code: "down" });
    results.isDown = false;
    await queue.reschedule(id, new Date(0));
    assert.equal((await settle(storage, await claimed(queue), "second"))[0]?.status, "settled");
    assert.equal((await queue.getResult(id, { run: 1 }))?.value, "first");
    assert.equal((await queue.getResult(id))?.value, "second");
    await storage.close();
  });

  it("keep the result that stands from a holder that comes too late", async () => {
    const storage = new CompositeStorage({ tasks: new MemoryStorage(), results: new MemoryStorage() });
    const queue = new TaskQueue({ storage, tasks: [ping], logger: silentLogger });
    const id = await queue.enqueue(ping);
    const late = await claimed(queue);
    await queue.reschedule(id, new Date(0));
    assert.equal((await settle(storage, await claimed(queue), "in time"))[0]?.status, "settled");
    assert.equal((await settle(storage, late, "late"))[0]?.status, "lost");
    assert.equal((await queue.getResult(id))?.value, "in time");
    await storage.close();
  });

  it("enqueue, hand out and settle though the store of events is down, and tell it of all of that later", async () => {
    const events = new Deaf({ events: "all" });
    const storage = new CompositeStorage({ tasks: new MemoryStorage({ events: "all" }), events });
    const queue = new TaskQueue({ storage, tasks: [ping], logger: silentLogger });
    const warned = once(process, "warning") as Promise<[Error & { readonly code: string }]>;
    events.isDown = true;
    const id = await queue.enqueue(ping);
    const other = await queue.enqueue(ping);
    const task = await claimed(queue);
    await queue.cancel(other);
    assert.equal((await warned)[0].code, "OMNIQ_EVENTS_DELAYED");
    await assert.rejects(settle(storage, task, "pong"), { code: "down" });
    events.isDown = false;
    assert.equal((await settle(storage, task, "pong"))[0]?.status, "repeated");
    assert.deepEqual(await claimedIds(queue), []);
    const told = async (taskId: string): Promise<string[]> =>
      (await storage.queryEvents({ taskId })).events.map(({ type }) => type).toSorted();
    assert.deepEqual(await told(id), ["completed", "enqueued", "started"]);
    assert.deepEqual(await told(other), ["cancelled", "enqueued"]);
    await storage.close();
  });

  it("must be stores", () => {
    const storage = new MemoryStorage();
    assert.throws(() => new CompositeStorage({ tasks: {} as MemoryStorage }), {
      message: "'tasks' must be BaseStorage",
    });
    const misspelt = { tasks: storage, result: storage };
    assert.throws(() => new CompositeStorage(misspelt), { code: "unknown_option" });
  });
});
