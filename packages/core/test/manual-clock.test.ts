import assert from "node:assert/strict";
import { sleep } from "@omniq/core";
import { ManualClock } from "@omniq/core/testing";
import { describe, it } from "vitest";

describe("a clock that is moved by hand", () => {
  it("stands still until it is moved", async () => {
    const clock = new ManualClock(1000);
    assert.equal(clock.now(), 1000);
    await clock.advance(5);
    assert.equal(clock.now(), 1005);
    clock.set(3);
    assert.equal(clock.now(), 3);
  });

  it("begins at a fixed instant", () => {
    assert.equal(new ManualClock().now(), Date.UTC(2026, 0, 1));
  });

  it("calls back at each timer's own instant, in the order of their due times", async () => {
    const clock = new ManualClock(0);
    const seen: string[] = [];
    for (const [name, delayMs] of [
      ["late", 30],
      ["soon", 10],
      ["soon too", 10],
      ["too late", 31],
    ] as const) {
      clock.setTimer(() => seen.push(`${name} at ${clock.now()}`), delayMs);
    }
    await clock.advance(30);
    assert.deepEqual(seen, ["soon at 10", "soon too at 10", "late at 30"]);
    assert.deepEqual([clock.now(), clock.pending], [30, 1]);
  });

  it("calls back within one move what was set on the way, after what it led to", async () => {
    const clock = new ManualClock(0);
    const seen: number[] = [];
    const again = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn++) {
        await sleep(clock, 10);
        seen.push(clock.now());
      }
    };
    const done = again();
    await clock.advance(100);
    await done;
    assert.deepEqual(seen, [10, 20, 30]);
  });

  it("calls back at once, at the next move, what was due at once or before", async () => {
    const clock = new ManualClock(0);
    let calls = 0;
    clock.setTimer(() => calls++, 0);
    clock.setTimer(() => calls++, -5);
    assert.equal(calls, 0);
    await clock.advance(0);
    assert.equal(calls, 2);
  });

  it("never goes back for a timer that a jump has left behind", async () => {
    const clock = new ManualClock(0);
    let at = 0;
    clock.setTimer(() => (at = clock.now()), 10);
    clock.set(100);
    assert.equal(at, 0);
    await clock.advance(0);
    assert.equal(at, 100);
  });

  it("forgets a timer that is cancelled", async () => {
    const clock = new ManualClock(0);
    let calls = 0;
    const timer = clock.setTimer(() => calls++, 10);
    assert.equal(clock.pending, 1);
    timer.cancel();
    timer.cancel();
    assert.equal(clock.pending, 0);
    await clock.advance(10);
    assert.equal(calls, 0);
  });
});

describe("sleeping", () => {
  it("ends when its time is over", async () => {
    const clock = new ManualClock(0);
    let awake = false;
    const slept = sleep(clock, 10).then(() => (awake = true));
    await clock.advance(9);
    assert.equal(awake, false);
    await clock.advance(1);
    assert.equal(awake, true);
    await slept;
  });

  it("ends as soon as it is aborted, and leaves no timer", async () => {
    const clock = new ManualClock(0);
    const abort = new AbortController();
    const slept = sleep(clock, 10, abort.signal);
    assert.equal(clock.pending, 1);
    abort.abort();
    await slept;
    assert.equal(clock.pending, 0);
  });

  it("does not begin where it was aborted before", async () => {
    const clock = new ManualClock(0);
    await sleep(clock, 10, AbortSignal.abort());
    assert.equal(clock.pending, 0);
  });
});
