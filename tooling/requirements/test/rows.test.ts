import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findProofs } from "../src/proofs.ts";
import { provedIn, rowsOf } from "../src/rows.ts";

describe("the rows of the page", () => {
  it("are those of its tables, in order", () => {
    expect(rowsOf("| id | asks |\n|---|---|\n| S0.1 | x |\ntext S0.2\n| S4.90 | as S0.1 |\n")).toEqual([
      "S0.1",
      "S4.90",
    ]);
  });
});

describe("the rows that a file proves", () => {
  it.each([
    ['it("S1.2 works", () => {})', ["S1.2"]],
    ["describe('S1.2 S1.3 works', () => {})", ["S1.2", "S1.3"]],
    ['it.each([["S1.2 a", 1], ["S1.3 b", 2]])("%s", () => {})', ["S1.2", "S1.3"]],
    ['// S1.2 is proved elsewhere\nit("as S1.2 says", () => {})', []],
  ])("%s", (text, ids) => expect(provedIn(text)).toEqual(ids));
});

describe("the proofs of a repository", () => {
  function repository(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), "omniq-requirements-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(folder, file, ".."), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return folder;
  }

  const page = "| S0.1 | x |\n| S0.2 | y |\n";

  it("are found in tests and by reading; a row without one is told", async () => {
    const folder = repository({
      "docs/requirements.md": page,
      "packages/a/test/a.test.ts": 'it("S0.1 holds", () => {})',
      "packages/a/node_modules/b.test.ts": 'it("S0.2 holds", () => {})',
      "packages/a/src/a.ts": '"S0.2 is no title"',
    });
    const { rows, problems } = await findProofs(folder, {});
    expect(rows).toEqual([
      { id: "S0.1", files: ["packages/a/test/a.test.ts"] },
      { id: "S0.2", files: [] },
    ]);
    expect(problems).toEqual([]);
    const read = await findProofs(folder, { "S0.2": { file: "packages/a/src/a.ts", text: "no title" } });
    expect(read.rows[1]?.files).toEqual(["packages/a/src/a.ts"]);
  });

  it("are refused where nothing stands, and of rows that are none", async () => {
    const folder = repository({
      "docs/requirements.md": page,
      "apps/a/a.test.ts": 'it("S9.9 holds", () => {})',
    });
    const { problems } = await findProofs(folder, { "S0.2": { file: "README.md", text: "x" } });
    expect(problems).toEqual(['S0.2: README.md does not say "x"', "S9.9 is proved, and is no row"]);
  });
});
