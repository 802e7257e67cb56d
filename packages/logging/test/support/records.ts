import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type LogOptions, configure, flush } from "@omniq/logging";
import { temporaryFolder } from "@omniq/test-support/temporary-folder";
import { onTestFinished } from "vitest";

export type Line = Readonly<Record<string, unknown>>;

/** Logs to a file of the test's own. Gives what is in it, files set aside included, the oldest first. */
export function logToFile(options: LogOptions = {}): { readonly file: string; lines(): Promise<Line[]> } {
  const file = join(temporaryFolder(), "omniq.log");
  configure({ mode: "PROD", file, ...options });
  // Closes the file before its folder goes.
  onTestFinished(() => configure({ mode: "DEV", level: "CRITICAL" }));
  return {
    file,
    async lines() {
      await flush();
      return linesOf(file);
    },
  };
}

/** Every line of a log, parsed. */
export function linesOf(file: string): Line[] {
  const texts = [...setAside(file).map((path) => textOf(path)), readFileSync(file, "utf8")];
  return texts.flatMap((text) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line),
  );
}

/** The files that a log file has left behind, the oldest first. */
export function setAside(file: string): string[] {
  const folder = dirname(file);
  const start = `${basename(file, extname(file))}.2`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(start))
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .map((name) => join(folder, name));
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
}
