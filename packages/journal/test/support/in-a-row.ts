import assert from "node:assert/strict";
import type { OpenFile } from "@omniq/journal";
import type { ModelDisk } from "@omniq/journal/testing";

/**
 * Commits one after the other until zeros stand after the last line of a segment: what is done at once after it is written
 * over them. Answers how many there were.
 */
export async function commitInARow(
  disk: ModelDisk,
  segment: string,
  commit: (value: number) => Promise<unknown>,
): Promise<number> {
  // What a test does at every step may take longer than a lock is kept.
  const { onStep } = disk;
  disk.onStep = null;
  let value = 0;
  do {
    assert.ok(value < 10_000, "there were never any");
    await commit(++value);
  } while (lastByteOf(disk, segment) !== 0);
  disk.onStep = onStep;
  return value;
}

function lastByteOf(disk: ModelDisk, path: string): number | undefined {
  const file = disk.open(path) as OpenFile;
  return file.read(file.look().size - 1, 1).at(0);
}
