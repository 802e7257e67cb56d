import { expectSame } from "../expect.ts";
import type { Check } from "../rule.ts";
import { enqueueOne } from "../steps.ts";

/** Zones whose offsets from UTC at the instants of this check are 0, and two others, one of them of three quarters of an hour. */
const ZONES = ["UTC", "America/New_York", "Asia/Kathmandu"];

/** TIM-1 between processes of other time zones, over a change to daylight saving. */
export const otherZones: Check = {
  name: "the same instants in processes of three time zones",
  needs: "multiProcess",
  door: "processes",
  async run(context) {
    const { store } = context;
    // New York skips an hour between these two.
    const instants = [Date.UTC(2026, 2, 8, 6, 59, 59, 999), Date.UTC(2026, 2, 8, 7, 0, 0)];
    const unit = context.capabilities.timePrecisionMs;
    const dueTimes = instants.map((instant) => instant - (instant % unit));
    const offsets = new Set<number | undefined>();
    for (const zone of ZONES) {
      const process = context.spawn({ TZ: zone });
      for (const [index, at] of dueTimes.entries()) {
        const id = await enqueueOne(store, { id: `${zone} ${index}`, due: { at }, queue: zone });
        const seen = await process.run("instants", id);
        offsets.add(seen?.offset);
        expectSame(
          [seen?.eta, seen?.createdAt],
          [at, context.now],
          `eta and createdAt, read under TZ=${zone}`,
        );
        await process.run("reschedule", { id, etas: [at + unit] });
        expectSame(
          (await store.getTask(id))?.schedule.eta,
          new Date(at + unit),
          `the eta rescheduled under TZ=${zone}`,
        );
        await process.run("enqueue", [{ id: `${id} from there`, due: { at }, queue: zone }]);
        expectSame(
          (await store.getTask(`${id} from there`))?.schedule.eta,
          new Date(at),
          `the eta enqueued under TZ=${zone}`,
        );
      }
    }
    expectSame(offsets.size, ZONES.length, "time zones that the processes were really in");
  },
};
