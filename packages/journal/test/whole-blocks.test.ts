import assert from "node:assert/strict";
import type { OpenFile } from "@omniq/journal";
import { ModelDisk } from "@omniq/journal/testing";
import { describe, it, vi } from "vitest";
import { commitInARow } from "./support/in-a-row.ts";
import { openRegister } from "./support/register.ts";

const FOLDER = "/journal";
const SEGMENT = `${FOLDER}/journal-1.jsonl`;

function bytesOf(disk: ModelDisk): Buffer {
  const file = disk.open(SEGMENT) as OpenFile;
  return file.read(0, file.look().size);
}

describe("a journal in which commits follow one another", () => {
  it("is made longer by whole blocks, and ends with its last line again once they have ended", async () => {
    const files = new ModelDisk();
    const one = await openRegister({ folder: FOLDER, files });
    await commitInARow(files, SEGMENT, (count) => one.set("a", count));
    assert.equal(bytesOf(files).length % 16_384, 0);
    await vi.waitFor(() => assert.ok(!bytesOf(files).includes(0)), { timeout: 60_000 });
    await commitInARow(files, SEGMENT, (count) => one.set("a", count));
    await one.journal.close();
    assert.ok(!bytesOf(files).includes(0));
  });

  it.each([
    [3000, 16_384],
    [5000, 65_536],
    [20_000, 262_144],
  ])("is made longer by room for some more of %i bytes: to a multiple of %i", async (length, growth) => {
    const files = new ModelDisk();
    const one = await openRegister({ folder: FOLDER, files });
    const value = await commitInARow(files, SEGMENT, (count) => one.set("a".repeat(length), count));
    assert.equal(bytesOf(files).length % growth, 0);
    const left = new ModelDisk(new Map([[SEGMENT, bytesOf(files)]]));
    await one.journal.close();
    const two = await openRegister({ folder: FOLDER, files: left });
    assert.equal(await two.get("a".repeat(length)), value);
    await two.journal.close();
  });

  it("is made no longer than by what is written where that is very long", async () => {
    const files = new ModelDisk();
    const one = await openRegister({ folder: FOLDER, files });
    for (let count = 0; count < 20; count++) {
      await one.set("a".repeat(70_000), count);
      assert.ok(!bytesOf(files).includes(0));
    }
    await one.journal.close();
  });

  it("shows another, which writes in between, what was written over the zeros", async () => {
    const files = new ModelDisk();
    const one = await openRegister({ folder: FOLDER, files });
    const two = await openRegister({ folder: FOLDER, files });
    for (let round = 1; round <= 20; round++) {
      const value = await commitInARow(files, SEGMENT, (count) => one.set("a", count));
      await one.set("a", value + 1);
      assert.equal(await two.get("a"), value + 1);
      await two.set("b", round);
      assert.equal(await one.get("b"), round);
    }
    assert.deepEqual([one.register.damages, two.register.damages], [[], []]);
    await one.journal.close();
    await two.journal.close();
  });

  it("can be read where its process has left the zeros behind", async () => {
    const files = new ModelDisk();
    const one = await openRegister({ folder: FOLDER, files });
    const value = await commitInARow(files, SEGMENT, (count) => one.set("a", count));
    const left = new ModelDisk(new Map([[SEGMENT, bytesOf(files)]]));
    await one.journal.close();
    const two = await openRegister({ folder: FOLDER, files: left });
    assert.equal(await two.get("a"), value);
    assert.ok(!bytesOf(left).includes(0));
    await two.set("b", 1);
    assert.deepEqual(two.register.damages, []);
    await two.journal.close();
  });
});
