import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as core from "@omniq/core";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs", "errors.md"), "utf8");

/** The codes that the sources of the packages give to errors, where they stand as a text. */
function codesInSources(): string[] {
  // The kit names codes that it expects of others.
  const paths = globSync("packages/*/src/**/*.ts", { cwd: ROOT }).filter((path) => !path.includes("testkit"));
  const sources = paths.map((path) => readFileSync(join(ROOT, path), "utf8"));
  const given = /(?:Error|super)\(\s*"([a-z]+(?:_[a-z]+)*)"|\bcode: "([a-z_]+)"/g;
  const found = sources.flatMap((source) =>
    [...source.matchAll(given)].map(([, first, second]) => first ?? second ?? ""),
  );
  return [...new Set(found)].toSorted();
}

describe("docs/errors.md", () => {
  it("is compared with sources that have codes", () => expect(codesInSources().length).toBeGreaterThan(20));

  it.each(codesInSources())("has the code %s", (code) => {
    expect(PAGE).toContain(`\`${code}\``);
  });

  it.each(Object.keys(core).filter((name) => /^[A-Z]\w*Error$/.test(name)))("has the class %s", (name) => {
    expect(PAGE).toContain(`\`${name}\``);
  });
});
