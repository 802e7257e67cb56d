import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const GUIDE = readFileSync(join(ROOT, "docs", "write-a-storage-backend.md"), "utf8");

/** Each program in the guide, with the file that it is said to be. */
const programs = [...GUIDE.matchAll(/<!-- code: (\S+) -->\n\n```ts\n([^]*?)```/g)].map(
  ([, path = "", text = ""]) => ({
    path,
    text,
  }),
);

describe("the guide for authors of backends", () => {
  it("shows programs", () => expect(programs).toHaveLength(5));

  it.each(programs)("shows $path as it is compiled and run", ({ path, text }) => {
    expect(text).toBe(readFileSync(join(ROOT, path), "utf8"));
  });

  it("S0.11 shows a backend in under 150 lines", () => {
    const lines = programs
      .filter(({ path }) => path.includes("/src/"))
      .flatMap(({ text }) => text.trimEnd().split("\n"));
    expect(lines.length).toBeLessThan(150);
  });
});
