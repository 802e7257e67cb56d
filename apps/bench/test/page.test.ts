import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { filesOf } from "../src/page/write-page.ts";
import { readAllResults } from "../src/results/files.ts";
import { ratiosOf } from "../src/results/ratios.ts";

const DOCS = fileURLToPath(new URL("../../../docs", import.meta.url));
const rows = readAllResults();
const files = filesOf(rows);

test.each([...files.keys()])("docs/%s is made from the results", (path) => {
  expect(readFileSync(`${DOCS}/${path}`, "utf8"), "run pnpm bench --page").toBe(files.get(path));
});

test("there is no plot of anything else", () => {
  const plots = readdirSync(`${DOCS}/benchmarks`).map((name) => `benchmarks/${name}`);
  expect([...files.keys()]).toEqual(expect.arrayContaining(plots));
});

test("the ratios in the results are those of their figures", () => {
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toMatchObject(ratiosOf(row, rows));
});
