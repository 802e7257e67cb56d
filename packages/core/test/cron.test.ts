import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { checkCron, latestCronSlot, nextCronSlot } from "../src/model/cron.ts";
import { type Missed, nextRun } from "../src/model/recurrence.ts";

/** The next slots of a pattern, as instants in UTC. */
function slots(cron: string, timeZone: string, after: string, count: number): string[] {
  const found: string[] = [];
  for (let at = Date.parse(after); found.length < count;) {
    const next = nextCronSlot({ cron, timeZone }, at);
    assert.ok(next !== null && next > at);
    found.push(new Date(next).toISOString().slice(0, 16));
    at = next;
  }
  return found;
}

describe("a cron pattern in a time zone", () => {
  it.each([
    [
      "Europe/Berlin, spring: 02:30 does not exist and is due when the gap ends, once",
      ["30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z"],
      ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"],
    ],
    [
      "Europe/Berlin, autumn: 02:30 comes twice and is due once, the first time",
      ["30 2 * * *", "Europe/Berlin", "2026-10-24T00:00Z"],
      ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"],
    ],
    [
      "Europe/Berlin, autumn: each half hour is due in both hours",
      ["*/30 * * * *", "Europe/Berlin", "2026-10-24T23:40Z"],
      ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"],
    ],
    [
      "America/New_York, spring: 02:30 does not exist and is due when the gap ends, once",
      ["30 2 * * *", "America/New_York", "2026-03-07T12:00Z"],
      ["2026-03-08T07:00", "2026-03-09T06:30"],
    ],
    [
      "America/New_York, autumn: 01:30 comes twice and is due once, the first time",
      ["30 1 * * *", "America/New_York", "2026-10-31T12:00Z"],
      ["2026-11-01T05:30", "2026-11-02T06:30"],
    ],
    [
      "America/New_York, autumn: each hour is due in both hours",
      ["0 * * * *", "America/New_York", "2026-11-01T04:40Z"],
      ["2026-11-01T05:00", "2026-11-01T06:00", "2026-11-01T07:00"],
    ],
    ["with seconds first", ["15 0 12 * * *", "UTC", "2026-01-01T00:00Z"], ["2026-01-01T12:00"]],
    ["with a name", ["@monthly", "UTC", "2026-01-05T00:00Z"], ["2026-02-01T00:00"]],
  ] as const)("%s", (_what, [cron, timeZone, after], expected) => {
    assert.deepEqual(slots(cron, timeZone, after, expected.length), expected);
  });

  it("has a latest slot, that of the instant itself included", () => {
    const noon = { cron: "0 12 * * *", timeZone: "UTC" };
    const latest = (by: string): number | null => latestCronSlot(noon, Date.parse(by));
    assert.equal(latest("2026-01-02T11:59:59.999Z"), Date.parse("2026-01-01T12:00Z"));
    assert.equal(latest("2026-01-02T12:00:00.000Z"), Date.parse("2026-01-02T12:00Z"));
    assert.equal(latest("2026-01-02T12:00:00.500Z"), Date.parse("2026-01-02T12:00Z"));
  });

  it.each([
    ["61 * * * *", "UTC", "invalid_cron"],
    ["* * *", "UTC", "invalid_cron"],
    ["", "UTC", "invalid_cron"],
    ["2026-01-01T00:00:00", "UTC", "invalid_cron"],
    [5, "UTC", "invalid_cron"],
    ["0 0 * * *", "Europe/Berlni", "invalid_time_zone"],
    ["0 0 * * *", undefined, "invalid_time_zone"],
  ])("refuses %j in %j", (cron, timeZone, code) => {
    assert.throws(() => checkCron({ cron, timeZone } as never), { name: "ValidationError", code });
  });
});

describe("the run after this one, by cron", () => {
  const hourly = { cron: "0 * * * *", timeZone: "UTC", onFailure: "continue" } as const;
  const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);

  it.each<[what: string, missed: Missed, due: string, now: string, next: string]>([
    ["is due at the next slot", "skip", "10:00", "10:20", "11:00"],
    ["is due at the slot after its own, though it was retried meanwhile", "skip", "10:07", "10:20", "11:00"],
    ["skips what was missed", "skip", "10:00", "13:20", "14:00"],
    ["makes up for what was missed once", "once", "10:00", "13:20", "13:00"],
    ["makes up for all that was missed, one after the other", "all", "10:00", "13:20", "11:00"],
  ])("%s", (_what, missed, due, now, next) => {
    assert.deepEqual(
      nextRun({ ...hourly, missed }, { dueMs: at(due), startedMs: at(due), endedMs: at(now) }),
      { at: at(next) },
    );
  });

  it("does not come where the pattern has ended", () => {
    const ended = { ...hourly, cron: "0 0 0 1 1 * 2026", missed: "skip" } as const;
    assert.equal(nextRun(ended, { dueMs: at("00:00"), startedMs: at("00:00"), endedMs: at("00:01") }), null);
  });
});
