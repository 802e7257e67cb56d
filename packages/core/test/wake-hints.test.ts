import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { WakeHints } from "../src/storage/wake-hints.ts";

/** Hints whose adapter's watch is noted, with the means to hint from outside. */
function noted(open: () => Promise<void> = async () => {}): {
  hints: WakeHints;
  seen: string[];
  fromOutside: () => void;
} {
  const seen: string[] = [];
  let onHint = (): void => {};
  const hints = new WakeHints(async (hint) => {
    seen.push("open");
    await open();
    onHint = hint;
    return { close: async () => void seen.push("close") };
  });
  return { hints, seen, fromOutside: () => onHint() };
}

describe("hints that something may be due", () => {
  it("reach every listener, from this process and from others", async () => {
    const { hints, seen, fromOutside } = noted();
    await hints.add(() => seen.push("a"));
    await hints.add(() => seen.push("b"));
    hints.hint();
    fromOutside();
    assert.deepEqual(seen, ["open", "a", "b", "a", "b"]);
  });

  it("reach nobody before the first listener and after the last", async () => {
    const { hints, seen } = noted();
    hints.hint();
    const watch = await hints.add(() => seen.push("a"));
    await watch.close();
    hints.hint();
    assert.deepEqual(seen, ["open", "close"]);
  });

  it("pass by a listener that throws", async () => {
    const { hints, seen } = noted();
    await hints.add(() => {
      throw new Error("not now");
    });
    await hints.add(() => seen.push("b"));
    hints.hint();
    assert.deepEqual(seen, ["open", "b"]);
  });
});

describe("the adapter's watch", () => {
  it("is opened once for all, closed with the last, and opened again for the next", async () => {
    const { hints, seen } = noted();
    const [one, two] = await Promise.all([hints.add(() => {}), hints.add(() => {})]);
    await one?.close();
    assert.deepEqual(seen, ["open"]);
    await two?.close();
    await two?.close();
    assert.deepEqual(seen, ["open", "close"]);
    await hints.add(() => {});
    assert.deepEqual(seen, ["open", "close", "open"]);
  });

  it("of one function that listens twice ends with its second close", async () => {
    const { hints, seen } = noted();
    const listener = (): void => void seen.push("hint");
    const first = await hints.add(listener);
    await hints.add(listener);
    await first.close();
    await first.close();
    hints.hint();
    assert.deepEqual(seen, ["open", "hint"]);
  });

  it("that cannot be opened fails the listener, and is tried again for the next", async () => {
    let broken = true;
    const { hints, seen } = noted(() =>
      broken ? Promise.reject(new Error("no inotify")) : Promise.resolve(),
    );
    await assert.rejects(
      hints.add(() => seen.push("a")),
      { message: "no inotify" },
    );
    broken = false;
    await hints.add(() => seen.push("b"));
    hints.hint();
    assert.deepEqual(seen, ["open", "open", "b"]);
  });

  it("need not be: a store without wake-up hints within the process", async () => {
    const hints = new WakeHints(() => Promise.resolve(null));
    let count = 0;
    const watch = await hints.add(() => count++);
    hints.hint();
    await watch.close();
    assert.equal(count, 1);
  });

  it("is closed with the store", async () => {
    const { hints, seen } = noted();
    const watch = await hints.add(() => seen.push("hint"));
    await hints.close();
    await hints.close();
    await watch.close();
    hints.hint();
    assert.deepEqual(seen, ["open", "close"]);
  });
});
