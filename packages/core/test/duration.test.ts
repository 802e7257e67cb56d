import assert from "node:assert/strict";
import { type DurationInput, ValidationError, durationMs } from "@omniq/core";
import { describe, it } from "vitest";

const MAX_MS = 1000 * 366 * 86_400_000;

/** A Temporal.Duration as far as anybody can see: its parts are getters of its class. */
function temporal(parts: Readonly<Record<string, number>>): DurationInput {
  class Duration {
    get [Symbol.toStringTag](): string {
      return "Temporal.Duration";
    }
  }
  const all = {
    years: 0,
    months: 0,
    weeks: 0,
    days: 0,
    hours: 0,
    minutes: 0,
    seconds: 0,
    milliseconds: 0,
    microseconds: 0,
    nanoseconds: 0,
    ...parts,
  };
  for (const [name, value] of Object.entries(all)) {
    Object.defineProperty(Duration.prototype, name, { get: () => value });
  }
  return new Duration() as DurationInput;
}

describe("S4.42 S4.44 a duration", () => {
  it.each<[input: DurationInput, ms: number]>([
    // A bare number is seconds.
    [30, 30_000],
    [0, 0],
    [0.5, 500],
    [1.0004, 1000],
    [MAX_MS / 1000, MAX_MS],

    ["90s", 90_000],
    ["90 s", 90_000],
    ["1 sec", 1000],
    ["2 secs", 2000],
    ["1 second", 1000],
    ["2 seconds", 2000],
    ["100ms", 100],
    ["100 msec", 100],
    ["100 msecs", 100],
    ["1 millisecond", 1],
    ["3 milliseconds", 3],
    ["5m", 300_000],
    ["5 min", 300_000],
    ["5 mins", 300_000],
    ["1 minute", 60_000],
    ["2 minutes", 120_000],
    ["2h", 7_200_000],
    ["1 hr", 3_600_000],
    ["2 hrs", 7_200_000],
    ["1 hour", 3_600_000],
    ["2 hours", 7_200_000],
    ["1d", 86_400_000],
    ["1 day", 86_400_000],
    ["30 days", 2_592_000_000],
    ["1w", 604_800_000],
    ["1 week", 604_800_000],
    ["2 weeks", 1_209_600_000],
    ["0s", 0],

    ["1.5h", 5_400_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["1h, 30m", 5_400_000],
    ["1 day 2 hours 3 minutes 4 seconds 5 ms", 93_784_005],
    ["30m 1h", 5_400_000],
    ["  5 S  ", 5000],
    ["1 Hour", 3_600_000],

    ["PT1H", 3_600_000],
    ["PT30M", 1_800_000],
    ["PT0.5S", 500],
    ["P1D", 86_400_000],
    ["P2W", 1_209_600_000],
    ["P1DT2H30M4S", 95_404_000],
    ["pt1h", 3_600_000],

    [{ minutes: 5 }, 300_000],
    [{ hours: 1, minutes: 30 }, 5_400_000],
    [{ weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1 }, 694_861_001],
    [{ seconds: 0 }, 0],
    [{ hours: 1, minutes: -30 }, 1_800_000],
    [{ hours: 1, years: 0, months: 0 } as DurationInput, 3_600_000],

    [temporal({ hours: 1, minutes: 30 }), 5_400_000],
    [temporal({ seconds: 1, microseconds: 2500, nanoseconds: 500_000 }), 1003],
    [temporal({}), 0],
  ])("is read: %o is %d ms", (input, ms) => {
    assert.equal(durationMs(input, "delay"), ms);
  });

  it.each<[what: string, input: unknown]>([
    ["a negative number", -1],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["more than 1,000 years", MAX_MS / 1000 + 1],
    ["null", null],
    ["undefined", undefined],
    ["a boolean", true],
    ["a BigInt", 5n],
    ["a symbol", Symbol("5s")],
    ["a function", () => 5],

    ["an empty text", ""],
    ["blanks", "   "],
    ["a text without a unit", "5"],
    ["an unknown unit", "5 fortnights"],
    ["the name of a member of every object", "5 constructor"],
    ["months in a text", "2 months"],
    ["a negative text", "-5s"],
    ["a part without its unit", "1h 30"],
    ["something behind it", "1h!"],
    ["something before it", "in 1h"],
    ["a bare P", "P"],
    ["a bare PT", "PT"],
    ["an ISO text that is no number", "PT1.2.3S"],
    ["ISO months", "P2M"],

    ["an empty object", {}],
    ["an array", [5]],
    ["a Date", new Date(0)],
    ["an unknown part", { minute: 5 }],
    ["a part that every object has", { toString: 5 }],
    ["years", { years: 1 }],
    ["months", { months: 1 }],
    ["a text as a part", { minutes: "5" }],
    ["a BigInt as a part", { minutes: 5n }],
    ["NaN as a part", { minutes: Number.NaN }],
    ["negative parts", { minutes: -5 }],
    ["months of a Temporal.Duration", temporal({ months: 1 })],
  ])("is refused: %s", (_what, input) => {
    assert.throws(() => durationMs(input as DurationInput, "delay"), {
      name: ValidationError.name,
      code: "invalid_duration",
      field: "delay",
    });
  });

  it("that refers to itself is refused too", () => {
    const parts: Record<string, unknown> = {};
    parts["minutes"] = parts;
    assert.throws(() => durationMs(parts, "delay"), { code: "invalid_duration" });
  });

  it("is shown by the error, with what can be written instead", () => {
    assert.throws(() => durationMs("5 fortnights", "timeout"), {
      message:
        'timeout 5 fortnights is not usable: "fortnights" is no unit. ' +
        'Write "30s", "1h 30m", { minutes: 5 } or "PT1H".',
    });
    assert.throws(() => durationMs({ months: 1 } as DurationInput, "timeout"), {
      message: /^timeout \{"months":1\} is not usable: months vary in length; use days or weeks\./,
    });
  });
});
