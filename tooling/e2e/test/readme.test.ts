import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { examples } from "@omniq/test-support/examples";
import { runProgram } from "@omniq/test-support/programs";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");

function page(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

const PAGES = [
  "README.md",
  "packages/core/README.md",
  "docs/migration.md",
  "docs/schedules.md",
  "docs/testing.md",
];

describe.each(PAGES)("%s", (path) => {
  it("has programs", () => expect(examples(page(path)).length).toBeGreaterThanOrEqual(1));

  it.each(examples(page(path)))("program %# prints what is shown", async ({ program, output }) => {
    expect(output).not.toBe("");
    expect(await runProgram(program)).toMatchObject({ code: 0, stdout: output });
  });
});

describe("seeds 003 and 004, carried over", () => {
  const guide = page("docs/migration.md");

  it.each([
    ["S4.51 the intervals example, its comment corrected", "every 26 hours, and not daily at two"],
    ["S4.82 the TaskError example, with input that really fails", "Data cannot be empty"],
    ["S4.106 the worker example, with its three errors", "Cannot provide both 'queue' and 'storage'"],
  ])("%s", (_title, text) => {
    const example = examples(guide).find(({ program, output }) => `${program}${output}`.includes(text));
    expect(example?.output).toBeTruthy();
  });

  it("S4.28 the old name of configure stands in the name map alone", () => {
    expect(guide).toContain("| `configure_logging(level=)` | `configure({ level })` |");
  });

  it("S3.16 the guide and the change notes tell of TaskError", () => {
    expect(guide).toContain("TaskError.fromException");
    expect(page("docs/errors.md")).toContain("TaskError");
    const notes = readdirSync(join(ROOT, ".changeset")).map((name) => page(`.changeset/${name}`));
    const released = existsSync(join(ROOT, "packages/core/CHANGELOG.md"))
      ? page("packages/core/CHANGELOG.md")
      : "";
    expect([...notes, released].join("")).toContain("TaskError");
  });

  it("S4.101 the page of deprecations has what still works", () => {
    expect(page("docs/deprecations.md")).toContain("| `OMNIQ_DEP0001` |");
  });
});

describe("the README", () => {
  it("names the version of pnpm that the workspace is pinned to", () => {
    const { packageManager } = JSON.parse(page("package.json")) as { packageManager: string };
    const versions = new Set(
      [...page("README.md").matchAll(/npx -y (pnpm@[\d.]+)/g)].map(([, version]) => version),
    );
    expect([...versions]).toEqual([packageManager]);
  });
});
