import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { type Recurrence, nextRun } from "../src/model/recurrence.ts";

const after: Recurrence = {
  everyMs: 1000,
  cadence: "after",
  anchorMs: null,
  missed: "skip",
  onFailure: "continue",
};

/** Runs at 500, 1500, 2500, ... */
const fixed: Recurrence = { ...after, cadence: "fixed", anchorMs: 500 };

describe("the next run after the end of this one", () => {
  it("is due one interval later, by the store's clock, whatever was due before", () => {
    assert.deepEqual(nextRun(after, { dueMs: 500, startedMs: 600, endedMs: 700 }), { inMs: 1000 });
    assert.deepEqual(nextRun(after, { dueMs: 500, startedMs: 600, endedMs: 999_999 }), { inMs: 1000 });
  });
});

describe("the next run on a fixed grid", () => {
  it("is not one whose time passed before the run that stood for it began, unless all are wanted", () => {
    const late = { dueMs: 500, startedMs: 3600, endedMs: 3700 };
    assert.deepEqual(nextRun({ ...fixed, missed: "skip" }, late), { at: 4500 });
    assert.deepEqual(nextRun({ ...fixed, missed: "once" }, late), { at: 4500 });
    assert.deepEqual(nextRun({ ...fixed, missed: "all" }, late), { at: 1500 });
  });

  it.each<[what: string, missed: Recurrence["missed"], dueMs: number, nowMs: number, at: number]>([
    ["keeps the grid, however long the run took", "skip", 500, 1400, 1500],
    ["keeps the grid where the run ended before it was due", "skip", 1500, 1200, 2500],
    [
      "keeps the grid without drift",
      "skip",
      500 + 1_000_000 * 1000,
      500 + 1_000_000 * 1000 + 7,
      1_000_001_500,
    ],

    ["skips what was missed", "skip", 500, 3700, 4500],
    ["runs once for all that was missed", "once", 500, 3700, 3500],
    ["runs all that was missed, one after the other", "all", 500, 3700, 1500],
    ["has missed a run whose instant is now: skip", "skip", 500, 1500, 2500],
    ["has missed a run whose instant is now: once", "once", 500, 1500, 1500],
    ["has missed a run whose instant is now: all", "all", 500, 1500, 1500],

    ["comes back to the grid after a retry", "skip", 830, 900, 1500],
    ["comes back to the grid after a retry that ended late", "once", 830, 2600, 2500],
    ["loses no run to a retry", "all", 830, 2600, 1500],
    ["is the first of the grid after a run from before it", "skip", -700, -600, 500],
  ])("%s", (_what, missed, dueMs, nowMs, at) => {
    assert.deepEqual(nextRun({ ...fixed, missed }, { dueMs, startedMs: dueMs, endedMs: nowMs }), { at });
  });

  it("catches up with every missed run, and then goes on", () => {
    const ran: number[] = [];
    const now = 4700;
    let due = 500;
    while (due <= now) {
      ran.push(due);
      due = (
        nextRun({ ...fixed, missed: "all" }, { dueMs: due, startedMs: due, endedMs: now }) as {
          readonly at: number;
        }
      ).at;
    }
    assert.deepEqual(ran, [500, 1500, 2500, 3500, 4500]);
    assert.equal(due, 5500);
  });
});
