import assert from "node:assert/strict";
import { seededRandom } from "@omniq/test-support/seeded-random";
import { describe, it } from "vitest";
import { SortedList } from "../src/sorted-list.ts";

describe("a sorted list", () => {
  it("has what was added and not removed, in order", () => {
    const random = seededRandom();
    const list = new SortedList((a, b) => a - b);
    let expected: number[] = [];
    let next = 0;
    for (let step = 0; step < 30_000; step++) {
      // It grows in the first third, and shrinks in the last.
      const grows = random() < 0.8 - 0.3 * Math.floor(step / 10_000);
      if (grows) {
        const item = random() < 0.8 ? next++ : Math.floor(random() * next);
        if (expected.includes(item)) continue;
        list.add(item);
        expected = [...expected, item].sort((a, b) => a - b);
      } else {
        const item = random() < 0.8 ? expected[0] : expected[Math.floor(random() * expected.length)];
        list.remove(item ?? 0);
        expected = expected.filter((other) => other !== item);
      }
      assert.equal(list.size, expected.length);
      assert.equal(list.first(), expected[0]);
    }
    assert.deepEqual([...list], expected);
    for (const bound of [-1, next / 2, next])
      assert.deepEqual(
        list.take(5, (item) => item <= bound),
        expected.filter((item) => item <= bound).slice(0, 5),
      );
    list.clear();
    assert.deepEqual([list.size, [...list]], [0, []]);
  });
});
