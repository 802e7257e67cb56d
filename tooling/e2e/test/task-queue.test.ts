import { defineTask } from "@omniq/core";
import { describe, expect, it, vi } from "vitest";
import { LOCAL_STORES, Rig } from "../src/rig.ts";

const CLAIM = { limit: 1, workerId: "by-hand", leaseMs: 30_000 };

describe.each(LOCAL_STORES)("a queue on %s", (store) => {
  it("waits for a run of a recurring task that has not begun", async () => {
    const tick = defineTask({ name: "tick", run: (_payload: null, { run }) => run });
    const rig = await Rig.open(store, { tasks: [tick] });
    const id = await rig.queue.enqueue(tick, null, { interval: "1m" });
    await rig.startWorker({ pollInterval: "1h" });
    const third = rig.queue.getResult(id, { wait: true, run: 3, timeout: "10m" });
    await rig.clock.advance(180_000);
    expect((await third).value).toBe(3);
  });

  it("says at once that a cancelled task has no result to wait for", async () => {
    const task = defineTask({ name: "task", run: () => {} });
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task);
    await rig.queue.cancel(id);
    const waiting = rig.queue.getResult(id, { wait: true });
    await expect(waiting).rejects.toMatchObject({ code: "result_cancelled" });
  });

  it("keeps holding a task whose settlement the store failed to write", async () => {
    const task = defineTask({ name: "task", run: () => {} });
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task);
    await rig.queue.dequeue(CLAIM);
    vi.spyOn(rig.storage, "settle").mockRejectedValueOnce(new Error("the store is down"));
    await expect(rig.queue.completeTask(id, "done")).rejects.toThrow("the store is down");
    await rig.queue.completeTask(id, "done");
    expect((await rig.queue.getResult(id))?.value).toBe("done");
    await expect(rig.queue.completeTask(id, "again")).rejects.toMatchObject({ code: "lease_lost" });
  });

  it("stores payloads as they are when enqueue is called, and all of them before it is closed", async () => {
    const task = defineTask({ name: "task", run: (payload: { n: number }) => payload.n });
    const rig = await Rig.open(store, { tasks: [task] });
    const payload = { n: 0 };
    const enqueued: Promise<string>[] = [];
    for (let n = 0; n < 5; n++) {
      payload.n = n;
      enqueued.push(rig.queue.enqueue(task, payload));
    }
    await rig.queue.flush();
    const { tasks } = await rig.storage.listTasks();
    expect(tasks.map((stored) => stored.payload)).toEqual([0, 1, 2, 3, 4].map((n) => JSON.stringify({ n })));
    expect(tasks.map(({ id }) => id)).toEqual(await Promise.all(enqueued));
  });

  it("takes options as they are when it is called, also where the schema answers later", async () => {
    const validate = async (value: unknown) => ({ value });
    const input = { "~standard": { version: 1, vendor: "test", validate } } as never;
    const tasks = [defineTask({ name: "now", run() {} }), defineTask({ name: "later", input, run() {} })];
    const rig = await Rig.open(store, { tasks });
    for (const { name } of tasks) {
      const options = { priority: 1, queue: name };
      const enqueued = [
        rig.queue.enqueue(name, null, options),
        rig.queue.enqueueMany([{ task: name, payload: null, options }]),
      ];
      options.priority = 2;
      await Promise.all(enqueued);
      const { tasks: stored } = await rig.storage.listTasks({ queue: name });
      expect(stored.map(({ priority }) => priority)).toEqual([1, 1]);
    }
    const refused = rig.queue.enqueueMany([{ task: "later", payload: null, options: [] as never }]);
    await expect(refused).rejects.toMatchObject({ code: "invalid_options" });
  });

  it("awaits a schema's answer, whatever kind of promise it is", async () => {
    const standard = {
      version: 1,
      vendor: "test",
      validate: (value: unknown) => ({
        // oxlint-disable-next-line unicorn/no-thenable -- what some libraries answer
        then: (resolve: (result: { value: unknown }) => void) =>
          resolve({ value: `checked ${String(value)}` }),
      }),
    };
    const seen: unknown[] = [];
    const input = { "~standard": standard } as never;
    const task = defineTask({ name: "task", input, run: (payload: unknown) => void seen.push(payload) });
    const rig = await Rig.open(store, { tasks: [task] });
    await rig.queue.enqueue("task", "x");
    await rig.startWorker();
    await rig.clock.advance(0);
    expect(seen).toEqual(["checked x"]);
  });

  it("runs a task without a payload whose schema lets it be left out", async () => {
    const validate = (value: unknown) =>
      value === undefined || typeof value === "string"
        ? { value: value ?? "none" }
        : { issues: [{ message: "no text" }] };
    const input = { "~standard": { version: 1, vendor: "test", validate } } as never;
    const seen: unknown[] = [];
    const task = defineTask({ name: "task", input, run: (payload: unknown) => void seen.push(payload) });
    const rig = await Rig.open(store, { tasks: [task] });
    await rig.queue.enqueue("task");
    await rig.startWorker();
    await rig.clock.advance(0);
    expect(seen).toEqual(["none"]);
    await expect(rig.queue.enqueue("task", null)).rejects.toMatchObject({ code: "invalid_payload" });
  });

  it("runs now only what repeats and has not ended", async () => {
    const task = defineTask({ name: "task", run: () => {} });
    const rig = await Rig.open(store, { tasks: [task] });
    const once = await rig.queue.enqueue(task);
    const refused = { code: "invalid_transition", operation: "run now" };
    await expect(rig.queue.schedules.runNow(once)).rejects.toMatchObject(refused);
    const series = await rig.queue.enqueue(task, undefined, { interval: "1h" });
    expect(await rig.queue.schedules.runNow(series)).toBe(true);
    await rig.queue.cancel(series);
    await expect(rig.queue.schedules.runNow(series)).rejects.toMatchObject(refused);
  });

  it.each([
    ["ends", true, 1],
    ["ends", true, 2],
    ["begins", false, 1],
    ["begins", false, 2],
  ])("lists a schedule whose run %s while it looks (%s, %i)", async (_what, isRunning, look) => {
    const task = defineTask({ name: "task", run: () => {} });
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task, undefined, { interval: "1s" });
    if (isRunning) await rig.queue.dequeue(CLAIM);
    const original = rig.storage.listTasks.bind(rig.storage);
    let looks = 0;
    vi.spyOn(rig.storage, "listTasks").mockImplementation(async (params) => {
      const page = await original(params);
      if (++looks === look) await (isRunning ? rig.queue.completeTask(id) : rig.queue.dequeue(CLAIM));
      return page;
    });
    expect((await rig.queue.schedules.list()).map((found) => found.id)).toEqual([id]);
  });

  it("leaves a task that another serializer wrote out of its lists, with a warning", async () => {
    const task = defineTask({ name: "task", run: () => {} });
    const rig = await Rig.open(store, { tasks: [task] });
    const serializer = { format: "other", encode: () => "?", decode: () => null };
    const other = rig.queueOn(rig.connect({ serializer }), [task]);
    const theirs = await other.enqueue(task, undefined, { interval: "1h" });
    const ours = await rig.queue.enqueue(task, undefined, { interval: "1h" });
    expect((await rig.queue.listTasks()).tasks.map(({ id }) => id)).toEqual([ours]);
    expect((await rig.queue.schedules.list()).map(({ id }) => id)).toEqual([ours]);
    expect(rig.messages("warn")[0]).toMatch(new RegExp(`^Task ${theirs} cannot be listed: .*"other"`));
  });

  it("goes on holding a task that it has claimed anew when an earlier claim of it is refused", async () => {
    const task = defineTask({ name: "task", run: () => {} });
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task);
    const [late] = await rig.queue.dequeue(CLAIM);
    await rig.clock.advance(CLAIM.leaseMs);
    await rig.queue.dequeue(CLAIM);
    await expect(rig.queue.completeTask(id, "late", late)).rejects.toMatchObject({ code: "lease_lost" });
    await rig.queue.completeTask(id, "in time");
    expect((await rig.queue.getResult(id))?.value).toBe("in time");
  });

  it("waits as the task's own backoff says when a task held by hand fails", async () => {
    const task = defineTask({ name: "task", retry: ({ retry }) => `${retry * 10}s`, run: () => {} });
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task);
    await rig.queue.dequeue(CLAIM);
    await rig.queue.failTask(id, "not now");
    const failed = await rig.queue.getTask(id);
    expect(failed?.schedule.eta.getTime()).toBe(rig.clock.now() + 10_000);
    expect(failed?.error).toMatchObject({ errorType: "unknown", message: "not now" });
  });

  it("warns of a task that is not there, and changes nothing", async () => {
    const rig = await Rig.open(store);
    await rig.queue.completeTask("nobody");
    expect(rig.messages("warn")).toEqual(["Task not found for completion: nobody"]);
  });
});
