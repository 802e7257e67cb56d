import assert from "node:assert/strict";
import { defineTask } from "@omniq/core";
import { describe, it } from "vitest";
import { Rig, STORES } from "../../src/rig.ts";

const CLAIM = { limit: 10, workerId: "by hand", leaseMs: 60_000 };

/** A task that notes when it ran. */
function ticking() {
  const ran: string[] = [];
  let rig: Rig | null = null;
  const tick = defineTask({
    name: "tick",
    run: () => void ran.push(new Date(rig?.clock.now() ?? 0).toISOString().slice(5, 16)),
  });
  return { ran, tick, of: (opened: Rig): Rig => (rig = opened) };
}

describe.each(STORES)("schedules on %s", (store) => {
  it.each([
    [
      "Europe/Berlin, spring",
      "Europe/Berlin",
      "30 2 * * *",
      "2026-03-28T00:00Z",
      ["03-28T01:30", "03-29T01:00", "03-30T00:30"],
    ],
    [
      "Europe/Berlin, autumn",
      "Europe/Berlin",
      "30 2 * * *",
      "2026-10-24T00:00Z",
      ["10-24T00:30", "10-25T00:30", "10-26T01:30"],
    ],
    [
      "America/New_York, spring",
      "America/New_York",
      "30 2 * * *",
      "2026-03-07T05:00Z",
      ["03-07T07:30", "03-08T07:00", "03-09T06:30"],
    ],
    [
      "America/New_York, autumn",
      "America/New_York",
      "30 1 * * *",
      "2026-10-31T04:00Z",
      ["10-31T05:30", "11-01T05:30", "11-02T06:30"],
    ],
  ])("cron over the change of the clocks: %s", async (_what, timeZone, cron, start, expected) => {
    const { ran, tick, of } = ticking();
    const rig = of(await Rig.open(store, { tasks: [tick] }));
    rig.clock.set(Date.parse(start));
    await rig.place.setNow?.(rig.clock.now());
    await rig.queue.schedule(tick, undefined, { id: "nightly", cron, timeZone });
    for (let quarter = 0; quarter < 3 * 24 * 4 && ran.length < 3; quarter++) await rig.advance("15m");
    assert.deepEqual(ran, expected);
    const task = await rig.queue.getTask("nightly");
    assert.deepEqual([task?.schedule.cron, task?.schedule.timeZone, task?.run], [cron, timeZone, 4]);
  });

  it.each([
    ["skip", ["01-01T01:00", "01-01T05:30", "01-01T09:00"]],
    ["once", ["01-01T01:00", "01-01T05:30", "01-01T08:30", "01-01T09:00"]],
    [
      "all",
      [
        "01-01T01:00",
        ...Array.from({ length: 4 }, () => "01-01T05:30"),
        ...Array.from({ length: 2 }, () => "01-01T08:30"),
        "01-01T09:00",
      ],
    ],
  ] as const)("cron runs whose time has passed: missed %s", async (missed, expected) => {
    const { ran, tick, of } = ticking();
    const rig = of(await Rig.open(store, { tasks: [tick] }));
    await rig.queue.schedule(tick, undefined, { id: "hourly", cron: "0 * * * *", missed });
    await rig.advance("1h");
    // Nobody is there until half past five: the run of two o'clock waits, and stands for those of three to five.
    await rig.advance("4h 30m");
    // The run of six takes until half past eight: those of seven and eight pass meanwhile.
    await rig.clock.advance(1_800_000);
    await rig.place.setNow?.(rig.clock.now());
    const [claimed] = await rig.queue.dequeue({ ...CLAIM, leaseMs: 36_000_000 });
    await rig.clock.advance(9_000_000);
    await rig.place.setNow?.(rig.clock.now());
    await rig.queue.completeTask("hourly", null, claimed);
    await rig.drain();
    await rig.advance("30m");
    assert.deepEqual(ran, expected);
  });

  it("is paused: a waiting run waits, a run in progress ends and the next one waits; declared anew it stays paused; resumed it goes on", async () => {
    const { ran, tick, of } = ticking();
    const rig = of(await Rig.open(store, { tasks: [tick] }));
    const declare = () => rig.queue.schedule(tick, undefined, { id: "s", interval: "1h" });
    await declare();
    await rig.queue.schedules.pause("s");
    assert.equal(await rig.drain(), 0);
    assert.equal((await declare()).status, "unchanged");
    assert.equal((await rig.queue.getTask("s"))?.schedule.paused, true);
    await rig.queue.schedules.resume("s");
    assert.equal(await rig.drain(), 1);

    await rig.clock.advance(3_600_000);
    await rig.place.setNow?.(rig.clock.now());
    const [claimed] = await rig.queue.dequeue(CLAIM);
    await rig.queue.schedules.pause("s");
    await rig.queue.completeTask("s", null, claimed);
    assert.equal(await rig.advance("2h"), 0);
    const { reasons } = await rig.queue.explain("s");
    assert.deepEqual(reasons, [
      { code: "held", text: "It is held: schedule paused. Take that away with schedules.resume." },
    ]);
    await rig.queue.schedules.resume("s");
    assert.equal(await rig.drain(), 1);
    assert.equal(ran.length, 2);
    await assert.rejects(rig.queue.schedules.pause("nobody"), { code: "not_found" });
  });

  it("are listed, run now and removed", async () => {
    const { ran, tick, of } = ticking();
    const rig = of(await Rig.open(store, { tasks: [tick] }));
    await rig.queue.schedule(tick, undefined, { id: "hourly", interval: "1h", delay: "1h" });
    await rig.queue.schedule(tick, undefined, { id: "daily", cron: "@daily" });
    await rig.queue.enqueue(tick, undefined, { id: "once", delay: "1h" });
    const ids = async (): Promise<string[]> =>
      (await rig.queue.schedules.list()).map(({ id }) => id).toSorted();
    assert.deepEqual(await ids(), ["daily", "hourly"]);
    assert.equal(await rig.queue.schedules.runNow("hourly"), true);
    assert.equal(await rig.drain(), 1);
    assert.equal(ran.length, 1);
    assert.equal((await rig.queue.getTask("hourly"))?.schedule.eta.getTime(), rig.clock.now() + 3_600_000);
    await rig.queue.schedules.remove("hourly");
    assert.deepEqual(await ids(), ["daily"]);
    await assert.rejects(rig.queue.schedules.runNow("hourly"), { code: "not_found" });
  });

  it("fire each run once, however many workers look", async () => {
    const { ran, tick, of } = ticking();
    const rig = of(await Rig.open(store, { tasks: [tick] }));
    const queues = [rig.queue, ...[1, 2, 3].map(() => rig.queueOn(rig.connect(), [tick]))];
    await Promise.all(
      queues.map((queue) => queue.schedule(tick, undefined, { id: "minutely", cron: "* * * * *" })),
    );
    for (let minute = 1; minute <= 5; minute++) {
      await rig.clock.advance(60_000);
      await rig.place.setNow?.(rig.clock.now());
      const counts = await Promise.all(queues.map((queue) => rig.worker({ queue }).processTasks()));
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        1,
      );
    }
    assert.deepEqual(ran, ["01-01T00:01", "01-01T00:02", "01-01T00:03", "01-01T00:04", "01-01T00:05"]);
  });

  it("snoozing burns no attempt and no retry, and progress is stored", async () => {
    let snoozes = 2;
    let reported: unknown = null;
    const patient = defineTask({
      name: "patient",
      maxRetries: 0,
      run: async (_payload: null, context) => {
        await context.setProgress({ percent: 50 });
        reported = (await rig.queue.getTask(context.taskId))?.progress;
        if (snoozes-- > 0) context.snooze("10m");
        return context.attempt;
      },
    });
    const rig = await Rig.open(store, { tasks: [patient] });
    const id = await rig.queue.enqueue(patient, null);
    assert.equal(await rig.drain(), 1);
    assert.deepEqual(reported, { percent: 50 });
    const waiting = await rig.queue.getTask(id);
    assert.deepEqual([waiting?.status, waiting?.attempts, waiting?.failures], ["PENDING", 0, 0]);
    assert.equal(await rig.advance("9m"), 0);
    assert.equal(await rig.advance("1m"), 1);
    assert.equal(await rig.advance("10m"), 1);
    assert.equal((await rig.queue.getResult(id))?.value, 1);
  });
});
