import { TaskError, defineTask } from "@omniq/core";
import { describe, expect, it } from "vitest";
import { LOCAL_STORES, Rig } from "../src/rig.ts";

const CLAIM = { limit: 100, workerId: "by-hand", leaseMs: 30_000 };
const task = defineTask({ name: "task", maxRetries: 0, run: () => {} });

describe.each(LOCAL_STORES)("an operator on %s", (store) => {
  it("is told why a task does not run", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const { queue, storage, clock } = rig;
    const reasons = async (id: string): Promise<readonly string[]> =>
      (await queue.explain(id)).reasons.map(({ code }) => code);
    const id = await queue.enqueue(task, undefined, { delay: "1m" });
    await storage.hold(id, "an audit");
    const { text: held } = (await queue.explain(id)).reasons[0] ?? { text: "" };
    expect(held).toBe("It is held: an audit. Take that away with storage.unhold.");
    await queue.pauseQueue("default");
    expect(await reasons(id)).toEqual(["held", "queue_paused", "due_later"]);
    await queue.resumeQueue("default");
    await storage.unhold(id, "an audit");
    const { text } = (await queue.explain(id)).reasons[0] ?? { text: "" };
    expect(text).toBe(`It is due at ${new Date(clock.now() + 60_000).toISOString()}.`);
    await clock.advance(60_000);
    expect(await reasons(id)).toEqual(["waiting_for_worker"]);
    await queue.dequeue(CLAIM);
    expect((await queue.explain(id)).reasons[0]?.text).toMatch(/^by-hand holds it until 20/);
    await clock.advance(30_000);
    expect(await reasons(id)).toEqual(["lease_lapsed"]);
    await queue.cancel(id);
    expect(await queue.explain(id)).toMatchObject({ status: "CANCELLED", reasons: [{ code: "ended" }] });
    await storage.enqueue({ groups: [[{ id: "foreign", name: "of another program" }]] });
    expect(await reasons("foreign")).toEqual(["not_registered"]);
    await expect(queue.explain("nobody")).rejects.toMatchObject({ code: "not_found" });
  });

  it("lets all that failed run again, or a part of it", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const { queue, storage } = rig;
    for (let n = 0; n < 30; n++)
      await queue.enqueue(task, undefined, { queue: n % 2 === 0 ? "even" : "odd" });
    const { tasks } = await storage.dequeue(CLAIM);
    const settlements = tasks.map((claimed) => ({
      task: claimed,
      outcome: { kind: "fail", error: TaskError.from("no luck") } as const,
    }));
    await storage.settle({ settlements });
    expect(await queue.retryFailed({ queue: "even", limit: 4 })).toBe(4);
    expect(await queue.retryFailed({ queue: "even" })).toBe(11);
    expect(await queue.retryFailed({ name: "another" })).toBe(0);
    expect(await queue.retryFailed()).toBe(15);
    expect(await queue.countTasks()).toEqual([
      { queue: "even", status: "PENDING", count: 15 },
      { queue: "odd", status: "PENDING", count: 15 },
    ]);
    await expect(queue.retryFailed({ limit: 0 })).rejects.toMatchObject({ code: "invalid_limit" });
  });
});
