import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { arrayText, recordsText } from "../src/literals.ts";
import { usePlace } from "./support/place.ts";

const place = usePlace();

const TEXTS = [
  "",
  " ",
  "null",
  "NULL",
  '"',
  "\\",
  '\\"',
  '""',
  "{}",
  "(,)",
  "a,b",
  "\n\t",
  "'",
  "ä 🜂",
  '{"a":"\\"\\\\"}',
];

describe("an array as text", () => {
  it("is read by the server as it was meant, item by item", async () => {
    const [row] = await place.sql<{ texts: string[]; numbers: number[] }>(
      "select $1::text[] as texts, $2::int[] as numbers",
      [arrayText(TEXTS), arrayText([1, -2])],
    );
    assert.deepEqual(row, { texts: TEXTS, numbers: [1, -2] });
    assert.equal(arrayText([]), "{}");
  });

  it("is read by the server as it was meant, field by field of each record", async () => {
    await place.sql(`create schema ${place.schema}`);
    await place.sql(`create type ${place.schema}.sample as (a text, b int, c boolean, d text)`);
    const records = [
      ...TEXTS.map((text, index) => [text, index, index % 2 === 0, TEXTS.at(-index - 1)]),
      [null, undefined, null, undefined],
    ];
    const rows = await place.sql(`select a, b, c, d from unnest($1::${place.schema}.sample[])`, [
      recordsText(records),
    ]);
    const named = records.map(([a, b, c, d]) => ({ a, b, c, d }));
    assert.deepEqual(rows, [...named.slice(0, -1), { a: null, b: null, c: null, d: null }]);
    assert.equal(recordsText([]), "{}");
  });
});
