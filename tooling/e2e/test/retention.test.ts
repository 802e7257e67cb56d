import { defineTask } from "@omniq/core";
import { describe, expect, it, vi } from "vitest";
import { LOCAL_STORES, Rig } from "../src/rig.ts";

const MINUTE = 60_000;
const task = defineTask({ name: "task", run: (n: number) => n });

describe.each(LOCAL_STORES)("a worker on %s", (store) => {
  it("removes expired results, and tasks past their retention", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    await rig.startWorker({ concurrency: 10, retention: { succeeded: "10m" } });
    await Promise.all(
      Array.from({ length: 1200 }, (_, n) => rig.queue.enqueue(task, n, { resultTtl: "5m" })),
    );
    const ended = async (): Promise<void> => {
      const counts = await rig.queue.countTasks();
      expect(counts).toEqual([{ queue: "default", status: "SUCCESS", count: 1200 }]);
    };
    await vi.waitFor(ended, { timeout: 30_000 });
    const results = async (): Promise<number> =>
      (await rig.storage.listResults({ limit: 1000 })).results.length;
    const tasks = async (): Promise<number | undefined> => (await rig.queue.countTasks())[0]?.count;
    await rig.clock.advance(6 * MINUTE);
    await vi.waitFor(async () => expect(await results()).toBe(0));
    expect(await tasks()).toBe(1200);
    await rig.clock.advance(5 * MINUTE);
    await vi.waitFor(async () => expect(await tasks()).toBe(undefined));
  });

  it("goes on soon where a round was not enough, and keeps what is to be kept for longer than there has been time", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const purge = vi.spyOn(rig.storage, "purge").mockImplementation(async ({ limit = 0 }) => limit);
    const retention = { succeeded: "36500d", failed: "1s", cancelled: null, events: null } as const;
    await rig.startWorker({ retention });
    await rig.clock.advance(MINUTE);
    await vi.waitFor(() => expect(purge).toHaveBeenCalledTimes(20));
    await rig.clock.advance(1000);
    await vi.waitFor(() => expect(purge).toHaveBeenCalledTimes(40));
    purge.mockResolvedValue(0);
    await rig.clock.advance(1000);
    await vi.waitFor(() => expect(purge).toHaveBeenCalledTimes(41));
    expect(purge).toHaveBeenLastCalledWith(expect.objectContaining({ status: "FAILED" }));
    await rig.clock.advance(MINUTE - 1);
    expect(purge).toHaveBeenCalledTimes(41);
    expect(rig.messages("warn")).toEqual([]);
  });

  it("leaves that to others where it is told to", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const { storage } = rig;
    const purge = vi.spyOn(storage, "purgeResults");
    await rig.startWorker({ retention: false });
    await rig.clock.advance(2 * MINUTE);
    expect(purge).not.toHaveBeenCalled();
    await rig.startWorker();
    await rig.clock.advance(MINUTE);
    await vi.waitFor(() => expect(purge).toHaveBeenCalled());
  });

  it("goes on where the store fails", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const purge = vi.spyOn(rig.storage, "purgeResults").mockRejectedValueOnce(new Error("down"));
    await rig.startWorker();
    await rig.clock.advance(MINUTE);
    await vi.waitFor(() => expect(rig.messages("warn").join()).toContain("could not be removed"));
    await rig.clock.advance(MINUTE);
    await vi.waitFor(() => expect(purge).toHaveBeenCalledTimes(2));
  });
});
