import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { STORES, type Store } from "../system.ts";
import { WORKLOADS } from "../options.ts";
import type { Row } from "./row.ts";

const RESULTS = fileURLToPath(new URL("../../results", import.meta.url));

/** What was measured last of a store; empty where nothing was. */
function readResults(store: Store): readonly Row[] {
  const path = `${RESULTS}/${store}.json`;
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Row[]) : [];
}

export function readAllResults(): readonly Row[] {
  return STORES.flatMap(readResults);
}

/** Puts rows in place of those of the same workloads, and leaves the others. */
export function writeResults(store: Store, rows: readonly Row[]): void {
  const measured = new Set(rows.map(({ workload }) => workload));
  const kept = readResults(store).filter(({ workload }) => !measured.has(workload));
  const place = ({ workload }: Row): number => WORKLOADS.findIndex((one) => one === workload);
  const all = [...kept, ...rows].toSorted((a, b) => place(a) - place(b));
  mkdirSync(RESULTS, { recursive: true });
  // A pair of numbers on one line, as the formatter wants it.
  const text = JSON.stringify(all, null, 2).replace(/\[\s+([\d.]+),\s+([\d.]+)\s+\]/g, "[$1, $2]");
  writeFileSync(`${RESULTS}/${store}.json`, `${text}\n`);
}
