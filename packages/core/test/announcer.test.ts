import assert from "node:assert/strict";
import { Announcer } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import { describe, it, vi } from "vitest";

/** Longer than any pause. */
const LONG_MS = 1000;

/** An announcer on a clock of its own, and when it told: at once, or as `tell` does. */
function noted(tell: () => unknown = () => {}): {
  announcer: Announcer;
  clock: ManualClock;
  told: number[];
} {
  const clock = new ManualClock(0);
  const told: number[] = [];
  const announcer = new Announcer(() => {
    told.push(clock.now());
    return tell();
  }, clock);
  return { announcer, clock, told };
}

/** Tellings that last until the test ends each. */
function held(): { tell: () => Promise<void>; end: (index: number) => void } {
  const tellings: PromiseWithResolvers<void>[] = [];
  return {
    tell: () => {
      tellings.push(Promise.withResolvers());
      return (tellings.at(-1) as PromiseWithResolvers<void>).promise;
    },
    end: (index) => tellings[index]?.resolve(),
  };
}

/** What follows by promises alone. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("an announcement", () => {
  it("is told at once, and once", async () => {
    const { announcer, clock, told } = noted();
    announcer.announce();
    assert.deepEqual(told, [0]);
    await clock.advance(LONG_MS);
    assert.deepEqual(told, [0]);
  });

  it("is told at once again after the pause", async () => {
    const { announcer, clock, told } = noted();
    announcer.announce();
    await clock.advance(LONG_MS);
    announcer.announce();
    assert.deepEqual(told, [0, LONG_MS]);
  });

  it("shares one telling with all that come within the pause, after it", async () => {
    const { announcer, clock, told } = noted();
    announcer.announce();
    for (let count = 0; count < 10; count++) announcer.announce();
    await settled();
    for (let count = 0; count < 10; count++) announcer.announce();
    assert.deepEqual(told, [0]);
    await clock.advance(LONG_MS);
    assert.equal(told.length, 2);
  });

  it("that comes while another is told is told afterwards", async () => {
    const { tell, end } = held();
    const { announcer, clock, told } = noted(tell);
    announcer.announce();
    announcer.announce();
    await clock.advance(LONG_MS);
    assert.equal(told.length, 1);
    end(0);
    await settled();
    await clock.advance(LONG_MS);
    assert.equal(told.length, 2);
  });

  it("is told whenever it comes in the turn in which the pause ends", async () => {
    for (let steps = 0; steps < 10; steps++) {
      const { announcer, clock, told } = noted();
      const spans = vi.spyOn(clock, "setTimer");
      announcer.announce();
      for (let span = 0; span < 2; span++) {
        await settled();
        const [end = () => {}] = spans.mock.lastCall ?? [];
        end();
      }
      for (let step = 0; step < steps; step++) await Promise.resolve();
      announcer.announce();
      await clock.advance(LONG_MS);
      assert.equal(told.length, 2, `after ${steps} promises`);
    }
  });

  it("that cannot be told holds back none of those after it", async () => {
    let failures = 0;
    const failing = [
      () => Promise.reject(new Error("no server")),
      () => {
        throw new Error("no disk");
      },
    ];
    const { announcer, clock, told } = noted(() => failing[failures++]?.());
    for (let count = 0; count < 3; count++) {
      announcer.announce();
      await clock.advance(LONG_MS);
    }
    assert.deepEqual(told, [0, LONG_MS, 2 * LONG_MS]);
  });
});

describe("a telling that is left to the caller", () => {
  it("is one like any other: what comes in the pause after it is told then, and the next goes to the caller again", async () => {
    const { announcer, clock, told } = noted();
    assert.ok(announcer.leaveToCaller());
    assert.ok(!announcer.leaveToCaller());
    announcer.announce();
    announcer.announce();
    assert.deepEqual(told, []);
    await clock.advance(LONG_MS);
    assert.equal(told.length, 1);
    assert.ok(announcer.leaveToCaller());
  });

  it("serves what is owed where the last is not quite so fresh, and then the pause begins anew", async () => {
    const { announcer, clock, told } = noted();
    announcer.announce();
    await settled();
    announcer.announce();
    await clock.advance(1);
    assert.ok(announcer.leaveToCaller());
    assert.ok(!announcer.leaveToCaller());
    await clock.advance(LONG_MS);
    assert.deepEqual(told, [0]);
  });

  it("may be announced instead where the caller fails", async () => {
    const { announcer, clock, told } = noted();
    assert.ok(announcer.leaveToCaller());
    announcer.announce();
    await clock.advance(2);
    assert.deepEqual(told, [2]);
  });

  it("is not where one is told, or has just been", async () => {
    const { tell, end } = held();
    const { announcer, clock } = noted(tell);
    announcer.announce();
    assert.ok(!announcer.leaveToCaller());
    end(0);
    await settled();
    assert.ok(!announcer.leaveToCaller());
    await clock.advance(LONG_MS);
    assert.ok(announcer.leaveToCaller());
  });
});

describe("closing", () => {
  it("cuts the pause, and ends once what is owed is told", async () => {
    const { tell, end } = held();
    const { announcer, clock, told } = noted(tell);
    announcer.announce();
    end(0);
    await settled();
    announcer.announce();
    let isClosed = false;
    const closing = announcer.close().then(() => (isClosed = true));
    await settled();
    assert.deepEqual([told, isClosed], [[0, 0], false]);
    end(1);
    await closing;
    assert.equal(clock.pending, 0);
  });

  it("waits for what is being told", async () => {
    const { tell, end } = held();
    const { announcer } = noted(tell);
    announcer.announce();
    let isClosed = false;
    const closing = announcer.close().then(() => (isClosed = true));
    await settled();
    assert.ok(!isClosed);
    end(0);
    await closing;
  });

  it("tells nothing where nothing is owed, and may be done twice", async () => {
    const { announcer, told } = noted();
    await announcer.close();
    await announcer.close();
    assert.deepEqual(told, []);
  });
});
