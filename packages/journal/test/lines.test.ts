import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linesOf, nodeFileSystem } from "@omniq/journal";
import { describe, it } from "vitest";

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
