import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { Bag, PLACE } from "../src/worker/bag.ts";

interface Item {
  readonly name: string;
  [PLACE]: number;
}

const items = (names: string): Item[] => names.split("").map((name) => ({ name, [PLACE]: -1 }));
const namesIn = (bag: Bag<Item>): string =>
  bag
    .all()
    .map(({ name }) => name)
    .toSorted()
    .join("");

describe("a bag", () => {
  it("holds what was put in and not taken out, wherever it lies", () => {
    for (const gone of ["a", "b", "d", "ad", "da", "abcd", "dcba", "bcad"]) {
      const bag = new Bag<Item>();
      const all = items("abcd");
      for (const item of all) bag.add(item);
      for (const name of gone) bag.delete(all.find((item) => item.name === name) as Item);
      assert.equal(
        namesIn(bag),
        "abcd"
          .split("")
          .filter((name) => !gone.includes(name))
          .join(""),
        `without ${gone}`,
      );
      assert.equal(bag.size, 4 - gone.length);
    }
  });

  it("leaves alone what is not in it", () => {
    const bag = new Bag<Item>();
    const [a, b] = items("ab") as [Item, Item];
    bag.add(a);
    bag.delete(b);
    bag.delete({ name: "stranger", [PLACE]: 0 });
    assert.equal(namesIn(bag), "a");
    bag.delete(a);
    bag.delete(a);
    assert.equal(bag.size, 0);
    bag.add(b);
    bag.clear();
    bag.delete(b);
    assert.equal(bag.size, 0);
  });
});
