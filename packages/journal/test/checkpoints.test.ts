import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "vitest";
import { SizedRegister, openRegister } from "./support/register.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omniq-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a journal that", () => {
  it.each([
    ["says the same again and again is rewritten once it has grown by what is worth it", () => "a", 1],
    ["says what is still so is left alone until it has grown fourfold", (value: number) => `n${value}`, 4],
  ])("%s", async (_what, nameOf, times) => {
    const checkpointBytes = 4000;
    const one = await openRegister({ folder, checkpointBytes }, new SizedRegister());
    const bytes = (): number =>
      statSync(join(folder, "journal-1.jsonl"), { throwIfNoEntry: false })?.size ?? 0;
    let longest = 0;
    for (let value = 1; bytes() > 0; value++) {
      longest = bytes();
      if (longest < (times + 0.25) * checkpointBytes) await one.set(nameOf(value), value);
      else await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(longest >= times * checkpointBytes, `${longest} bytes`);
    await one.journal.close();
  });
});
