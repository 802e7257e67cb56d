import assert from "node:assert/strict";
import {
  type DurationInput,
  Interval,
  deserializeInterval,
  durationMs,
  serializeInterval,
  toInterval,
} from "@omniq/core";
import { integer } from "fast-check";
import { describe, it } from "vitest";
import { checked } from "./support/property.ts";

const MAX_MS = 1000 * 366 * 86_400_000;

describe("an interval", () => {
  it.each<[input: DurationInput, ms: number]>([
    [5, 5000],
    ["1h 30m", 5_400_000],
    [{ minutes: 5 }, 300_000],
    ["PT1H", 3_600_000],
  ])("comes from whatever a duration can be: %o", (input, ms) => {
    assert.equal(toInterval(input)?.totalMilliseconds, ms);
  });

  it.each([[0], ["0s"], [{ minutes: 0 }], [null], [undefined]])("is none where it is %o", (input) => {
    assert.equal(toInterval(input), null);
  });

  it("comes back as it is", () => {
    const interval = new Interval(5000);
    assert.equal(toInterval(interval), interval);
  });

  it("is refused where it is no duration", () => {
    assert.throws(() => toInterval("soon"), { code: "invalid_duration", field: "interval" });
    assert.throws(() => toInterval(-5), { code: "invalid_duration", field: "interval" });
  });

  it("cannot be changed", () => {
    const interval = new Interval(5000);
    assert.throws(() => Object.assign(interval, { totalMilliseconds: 1 }), TypeError);
  });

  it("S4.47 counts in seconds and adds to a date", () => {
    const interval = new Interval(1500);
    assert.equal(interval.totalSeconds(), 1.5);
    assert.deepEqual(interval.addTo(new Date(1000)), new Date(2500));
  });
});

describe("the wire form of an interval", () => {
  it("S4.45 is a timedelta in seconds", () => {
    assert.deepEqual(serializeInterval(new Interval(90_500)), { type: "timedelta", total_seconds: 90.5 });
    assert.equal(JSON.stringify(new Interval(60_000)), '{"type":"timedelta","total_seconds":60}');
  });

  it("is read back, whatever else it holds", () => {
    const wire = { type: "timedelta", total_seconds: 90.5, days: 0 };
    assert.equal(deserializeInterval(wire).totalMilliseconds, 90_500);
  });

  it.each([
    [null],
    [undefined],
    ["timedelta"],
    [{}],
    [{ type: "timedelta" }],
    [{ type: "interval", total_seconds: 5 }],
    [{ type: "timedelta", total_seconds: "5" }],
    [{ type: "timedelta", total_seconds: 0 }],
    [{ type: "timedelta", total_seconds: -5 }],
    [{ type: "timedelta", total_seconds: Number.NaN }],
    [{ type: "timedelta", total_seconds: 0.0001 }],
  ])("is refused where it is %o", (wire) => {
    assert.throws(() => deserializeInterval(wire), { code: "invalid_interval", field: "interval" });
  });

  it("is refused where it is too long", () => {
    const wire = { type: "timedelta", total_seconds: MAX_MS };
    assert.throws(() => deserializeInterval(wire), { code: "invalid_duration", field: "interval" });
  });

  it("round-trips for every length", () => {
    checked(integer({ min: 1, max: MAX_MS }), (ms) => {
      const wire: unknown = JSON.parse(JSON.stringify(new Interval(ms)));
      assert.equal(deserializeInterval(wire).totalMilliseconds, ms);
    });
  });
});

describe("the text of an interval", () => {
  it.each([
    [1, "1ms"],
    [1000, "1s"],
    [5_400_000, "1h 30m"],
    [93_784_005, "1d 2h 3m 4s 5ms"],
  ])("of %d ms is %s", (ms, text) => {
    assert.equal(String(new Interval(ms)), text);
  });

  it("is a duration of the same length", () => {
    checked(integer({ min: 1, max: MAX_MS }), (ms) => {
      assert.equal(durationMs(String(new Interval(ms)), "interval"), ms);
    });
  });
});
