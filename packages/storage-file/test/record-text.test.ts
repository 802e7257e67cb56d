import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { RecordText } from "../src/record-text.ts";

describe("the text of a record", () => {
  it.each(["a", "ä", "\u20ac", "\ud83d\udf02"])("is all that was added, however long, of %s", (letter) => {
    const text = new RecordText();
    const taken: { bytes: Buffer; values: readonly string[] }[] = [];
    assert.equal(text.take(), null);
    for (const length of [0, 1, 5000, 5455, 5460, 5461, 6000, 16_381, 16_382, 20_000, 3]) {
      const values = [letter.repeat(length), "then", letter];
      for (const value of values) text.add(JSON.stringify(value));
      taken.push({ bytes: text.take() as Buffer, values });
    }
    // What was taken stays as it is.
    for (const { bytes, values } of taken) assert.deepEqual(JSON.parse(bytes.toString()), values);
    text.add("1");
    text.clear();
    assert.equal(text.take(), null);
  });
});
