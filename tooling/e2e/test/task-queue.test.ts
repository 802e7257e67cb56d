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
