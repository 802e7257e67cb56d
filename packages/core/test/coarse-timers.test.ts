import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { CoarseTimers } from "../src/ports/coarse-timers.ts";

describe("coarse timers", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("fire when they are due, in whatever order they were set, and not when they were cancelled", () => {
    const timers = new CoarseTimers();
    const fired: string[] = [];
    const setFor = (delayMs: number, name = `${delayMs}`) => timers.set(() => fired.push(name), delayMs);
    setFor(300);
    setFor(100);
    const cancelled = setFor(100, "cancelled");
    setFor(200);
    timers.cancel(cancelled);
    vi.advanceTimersByTime(99);
    assert.deepEqual(fired, []);
    vi.advanceTimersByTime(1);
    assert.deepEqual(fired, ["100"]);
    vi.advanceTimersByTime(1000);
    assert.deepEqual(fired, ["100", "200", "300"]);
  });

  it("share one timer, which is set once however many come and go", () => {
    const timers = new CoarseTimers();
    const set = vi.spyOn(globalThis, "setTimeout");
    for (let count = 0; count < 1000; count++) timers.cancel(timers.set(assert.fail, 5000));
    assert.equal(set.mock.calls.length, 1);
    vi.advanceTimersByTime(10_000);
    assert.equal(vi.getTimerCount(), 0);
  });

  it("can be set by what one of them does", () => {
    const timers = new CoarseTimers();
    const fired: number[] = [];
    timers.set(() => {
      fired.push(1);
      timers.set(() => fired.push(2), 10);
    }, 10);
    vi.advanceTimersByTime(20);
    assert.deepEqual(fired, [1, 2]);
  });

  it("keep the process alive only while one is pending", () => {
    const timers = new CoarseTimers();
    const set = vi.spyOn(globalThis, "setTimeout");
    timers.cancel(timers.set(assert.fail, 60_000));
    const timer = set.mock.results[0]?.value as NodeJS.Timeout;
    assert.ok(!timer.hasRef());
    const first = timers.set(assert.fail, 60_000);
    const second = timers.set(assert.fail, 60_000);
    timers.cancel(first);
    assert.ok(timer.hasRef());
    timers.cancel(second);
    assert.ok(!timer.hasRef());
  });
});
