import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeLine, linesOf, nodeFileSystem } from "@omniq/journal";
import { describe, it } from "vitest";
import { AppendLines } from "../src/append-lines.ts";

describe("the lines of an append", () => {
  it("are those of its records, however many and long, and the first one ends with a space", () => {
    const lines = new AppendLines();
    // The second time with memory that has been used.
    for (const lengths of [[1, 65_000, 600, 70_000, 3_000_000, 0], [5, 5, 200_000], [], [7]]) {
      lines.clear();
      const records = lengths.map((length, index) => JSON.stringify(["ä", index, "x".repeat(length)]));
      records.forEach((record, index) => lines.add("r", index % 2 === 0 ? record : Buffer.from(record)));
      const expected = records.map((record) => encodeLine("r", record).toString()).join("");
      assert.equal(lines.bytes.toString().replace(" \n", "\n"), expected);
      assert.equal(lines.length, lines.bytes.length);
      assert.equal(lines.length, Buffer.byteLength(expected) + (records.length > 0 ? 1 : 0));
      const end = lines.bytes.indexOf("\n");
      assert.ok(end < 0 || lines.bytes[end - 1] === " ".charCodeAt(0));
    }
  });
});

describe("the lines of a file", () => {
  it("are all there with their places, however long they are, but for the one that has not ended", () => {
    const lengths = [0, 1, 131_071, 131_072, 131_073, 0, 400_000, 131_071, 3_000_000, 5];
    const texts = lengths.map((length, index) => String(index).repeat(length));
    const folder = mkdtempSync(join(tmpdir(), "omniq-lines-"));
    const path = join(folder, "lines");
    writeFileSync(path, `skipped\n${texts.join("\n")}\ntorn`);
    const file = nodeFileSystem.open(path);
    assert.ok(file);
    let offset = 8;
    const expected = texts.map((text) => {
      const line = { text, offset, next: offset + text.length + 1 };
      offset = line.next;
      return line;
    });
    const found = [...linesOf(file, 8, file.look().size)];
    assert.deepEqual(
      found.map(({ bytes, ...place }) => ({ text: bytes.toString(), ...place })),
      expected,
    );
    file.close();
    rmSync(folder, { recursive: true });
  });
});
