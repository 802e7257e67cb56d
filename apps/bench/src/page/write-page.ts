import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "../results/row.ts";
import { STORES } from "../system.ts";
import { pageOf } from "./page.ts";
import { plot } from "./plot.ts";

const DOCS = fileURLToPath(new URL("../../../../docs", import.meta.url));

/** What is written, by its path below `docs`. */
export function filesOf(rows: readonly Row[]): ReadonlyMap<string, string> {
  const plots = STORES.map((store) => rows.filter((row) => row.store === store))
    .filter(([row]) => row !== undefined)
    .map((found) => [`benchmarks/${found[0]?.store}.svg`, plot(found)] as const);
  return new Map([["benchmarks.md", pageOf(rows)], ...plots]);
}

export function writePage(rows: readonly Row[]): void {
  mkdirSync(`${DOCS}/benchmarks`, { recursive: true });
  for (const [path, text] of filesOf(rows)) writeFileSync(`${DOCS}/${path}`, text);
}
