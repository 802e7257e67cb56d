import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { QueueRotation } from "../src/worker/queue-rotation.ts";

function rotationOf(weights: readonly number[], strict = false): QueueRotation {
  const shares = weights.map((weight, index) => ({ name: "abcdefgh"[index] ?? "", weight }));
  return new QueueRotation(shares, strict);
}

/** Which queue comes first in each of so many claims. */
function firsts(rotation: QueueRotation, claims: number): string {
  return Array.from({ length: claims }, () => rotation.next(1)[0]?.name).join("");
}

describe("the order of a worker's queues", () => {
  it("names each once, with room for the whole claim", () => {
    const rotation = rotationOf([1, 2, 3]);
    assert.deepEqual(rotation.names, ["a", "b", "c"]);
    for (let claim = 0; claim < 12; claim++) {
      const order = rotation.next(7);
      assert.deepEqual(order.map(({ name }) => name).toSorted(), ["a", "b", "c"]);
      assert.ok(order.every(({ limit }) => limit === 7));
    }
  });

  it.each<[weights: readonly number[], firsts: string]>([
    [[1], "aaaa"],
    [[1, 1], "abab"],
    [[1, 1, 1], "abcabc"],
    [[2, 1], "abaaba"],
    [[3, 1], "aabaaaba"],
    // Smooth: the heavy one does not take all its turns at a stretch.
    [[5, 1, 1], "aabacaa"],
  ])("with weights %o gives the first place to %s", (weights, expected) => {
    assert.equal(firsts(rotationOf(weights), expected.length), expected);
  });

  it.each<[weights: readonly number[]]>([
    [[1, 1, 1, 1]],
    [[4, 3, 2, 1]],
    [[1, 10]],
    [[7, 7, 1]],
    [[1000, 1, 999]],
  ])("with weights %o gives each the first place as often as it weighs, and none starves", (weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const rotation = rotationOf(weights);
    for (let round = 0; round < 3; round++) {
      const seen = firsts(rotation, total);
      assert.deepEqual(
        weights.map((_weight, index) => seen.split("abcdefgh"[index] ?? "").length - 1),
        weights,
      );
    }
  });

  it("puts behind the first the one whose turn is nearest", () => {
    const rotation = rotationOf([1, 1, 1]);
    const orders = [1, 2, 3].map(() =>
      rotation
        .next(1)
        .map(({ name }) => name)
        .join(""),
    );
    assert.deepEqual(orders, ["abc", "bca", "cab"]);
  });

  it("is a precedence where it is strict", () => {
    assert.equal(firsts(rotationOf([1, 5, 9], true), 6), "aaaaaa");
    assert.deepEqual(
      rotationOf([1, 5, 9], true)
        .next(1)
        .map(({ name }) => name),
      ["a", "b", "c"],
    );
  });
});
