import { globSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KitReport } from "@omniq/storage-testkit";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const FOLDER = join(ROOT, "conformance");
const README = join(ROOT, "README.md");

/** The modules that give the kit our adapters, in order. */
export function harnessModules(): string[] {
  return globSync("packages/storage-*/test/harness.ts", { cwd: ROOT })
    .toSorted()
    .map((path) => join(ROOT, path));
}

/** Keeps a report in `conformance/<adapter>.json`. */
export function keepReport(report: KitReport): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${report.adapter}.json`), `${JSON.stringify(report, null, 2)}\n`);
}

/** The reports that are kept, by adapter. */
export function keptReports(): KitReport[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as KitReport);
}

export function readReadme(): string {
  return readFileSync(README, "utf8");
}

export function writeReadme(text: string): void {
  writeFileSync(README, text);
}
