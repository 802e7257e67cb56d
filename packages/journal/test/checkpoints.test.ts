import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { SizedRegister, openRegister } from "./support/register.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omniq-journal-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

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

describe("what a container that has ended was writing", () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("is waited for no longer once it has stayed as it is for a minute", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 0 });
    const other = randomUUID();
    const inFolder = (name: string): string => join(folder, name);
    writeFileSync(inFolder(`${other}.holder`), JSON.stringify({ pid: 1, start: "1", host: "another" }));
    writeFileSync(inFolder(`journal-2.${other}.draft`), "half");
    writeFileSync(inFolder(`archive-${other}-1.draft`), "half");
    const { journal, set } = await openRegister({ folder, checkpointBytes: 1000 }, new SizedRegister());
    const goOn = async (): Promise<void> => {
      for (let value = 0; value < 200; value++) await set("a", value);
      for (let turns = 0; turns < 100; turns++) await turn();
    };
    await goOn();
    assert.ok(existsSync(inFolder("journal-1.jsonl")));
    assert.ok(journal.archives.isWrittenElsewhere());
    vi.setSystemTime(59_999);
    await goOn();
    assert.ok(existsSync(inFolder("journal-1.jsonl")));
    assert.ok(journal.archives.isWrittenElsewhere());
    // It goes on after all.
    writeFileSync(inFolder(`archive-${other}-1.draft`), "more");
    vi.setSystemTime(60_000);
    await goOn();
    assert.ok(!existsSync(inFolder("journal-1.jsonl")));
    assert.ok(journal.archives.isWrittenElsewhere());
    vi.setSystemTime(120_000);
    assert.ok(!journal.archives.isWrittenElsewhere());
    await journal.close();
  });
});
