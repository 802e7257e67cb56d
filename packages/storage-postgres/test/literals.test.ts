import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { arrayText, recordsOf } from "../src/literals.ts";
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
    const records = TEXTS.map((text, index) => ({
      a: text,
      part: { b: index, c: index % 2 === 0 },
      d: TEXTS.at(-index - 1),
    }));
    const rows = await place.sql(`select a, b, c, d from unnest($1::${place.schema}.sample[])`, [
      recordsOf("a part.b part.c d")([...records, { a: null, part: null }]),
    ]);
    assert.deepEqual(rows, [
      ...records.map(({ a, part, d }) => ({ a, ...part, d })),
      { a: null, b: null, c: null, d: null },
    ]);
    assert.equal(recordsOf("a")([]), "{}");
  });

  it("has what a field is stored as, where that differs, and null where there is nothing", () => {
    const texts = recordsOf("a part.b", { "part.b": Number });
    assert.equal(texts([{ a: 1, part: { b: "007" } }, { part: { b: null } }]), '{"(1,7)","(,)"}');
  });
});
