import assert from "node:assert/strict";
import { defineTask } from "@omniq/core";
import { describe, it } from "vitest";
import { Rig, STORES } from "../../src/rig.ts";

const task = defineTask({ name: "task", run: (value: unknown) => value });

describe.each(STORES)("an operator on %s", (store) => {
  it("lists tasks by queue, status and name, page by page, as people read them", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    for (let n = 0; n < 5; n++) await rig.queue.enqueue(task, { n }, { queue: n % 2 ? "odd" : "even" });
    await rig.worker({ queues: ["odd"] }).processTasks();
    const payloads: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page = await rig.queue.listTasks({ queue: "even", status: "PENDING", cursor, limit: 2 });
      payloads.push(...page.tasks.map(({ payload }) => payload));
      ({ cursor } = page);
    } while (cursor !== null);
    assert.deepEqual(payloads, [{ n: 0 }, { n: 2 }, { n: 4 }]);
    assert.equal((await rig.queue.listTasks({ name: "other" })).tasks.length, 0);
    assert.deepEqual(
      (await rig.queue.countTasks())
        .map(({ queue, status, count }) => `${queue} ${status} ${count}`)
        .toSorted(),
      ["even PENDING 3", "odd SUCCESS 2"],
    );
  });

  it("sees all tasks but the one whose record is damaged, and is told of that", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    assert.ok("corrupt" in rig.place);
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push(await rig.queue.enqueue(task, { n }));
    await rig.place.corrupt?.(ids[1] as string);
    await rig.storage.close();
    const queue = rig.queueOn(rig.connect(), [task]);
    const { tasks } = await queue.listTasks();
    assert.deepEqual(
      tasks.map(({ id }) => id),
      [ids[0], ids[2]],
    );
  });

  it("pauses a queue and lets it go on; cancels, retries and deletes", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task, 1);
    await rig.queue.pauseQueue("default");
    assert.equal(await rig.drain(), 0);
    assert.deepEqual(
      (await rig.queue.explain(id)).reasons.map(({ code }) => code),
      ["queue_paused"],
    );
    await rig.queue.resumeQueue("default");
    assert.equal(await rig.queue.cancel(id), true);
    assert.equal(await rig.queue.cancel(id), false);
    await rig.queue.retryTask(id);
    assert.equal(await rig.drain(), 1);
    await rig.queue.deleteTask(id);
    assert.equal(await rig.queue.getTask(id), null);
  });

  it("uniqueness: a duplicate is answered with the live one's id; within its window it may move its due time", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const dedupe = { key: "rebuild", window: "10m", debounce: true };
    const first = await rig.queue.enqueue(task, 1, { dedupe, delay: "1m" });
    const again = await rig.queue.enqueue(task, 2, { dedupe, delay: "5m" });
    assert.equal(again, first);
    assert.equal((await rig.queue.listTasks()).tasks.length, 1);
    assert.equal(await rig.advance("1m"), 0);
    assert.equal(await rig.advance("4m"), 1);
    assert.equal((await rig.queue.getResult(first))?.value, 1);
    assert.notEqual(await rig.queue.enqueue(task, 3, { dedupe }), first);
  });
});
