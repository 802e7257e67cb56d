import assert from "node:assert/strict";
import { stringify, validate, version } from "uuid";
import { describe, it } from "vitest";
import { systemClock } from "../src/ports/clock.ts";
import { uuidV7 } from "../src/ports/ids.ts";

/** The instant that an id tells. */
function instantOf(id: string): number {
  return Number.parseInt(id.replace("-", "").slice(0, 12), 16);
}

describe("uuidV7", () => {
  // More than are drawn from the system at a time, several times over.
  const begun = systemClock.now();
  const ids = Array.from({ length: 2000 }, uuidV7);
  const ended = systemClock.now();

  it("mints UUIDs of version 7, as the library writes them", () => {
    for (const id of ids) {
      assert.ok(validate(id), id);
      assert.equal(version(id), 7);
      assert.equal(stringify(Buffer.from(id.replaceAll("-", ""), "hex")), id);
    }
  });

  it("mints none twice, and has them tell their instant", () => {
    assert.equal(new Set(ids).size, ids.length);
    // What tells them apart is not the instant alone.
    assert.equal(new Set(ids.map((id) => id.slice(-12))).size, ids.length);
    for (const id of ids) assert.ok(begun <= instantOf(id) && instantOf(id) <= ended, id);
  });
});
