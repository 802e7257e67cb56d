#!/usr/bin/env node
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countsOf, runKit } from "./report/kit-report.ts";
import { ruleLine, summaryLine, toBadge, toJUnit, toMarkdown } from "./report/formats.ts";
import { HarnessError, loadHarness } from "./report/load-harness.ts";
import { RULES } from "./rules.ts";
import type { Rule } from "./rule.ts";
import { pause, turn } from "./real-time.ts";

const USAGE = `Usage: omniq-storage-testkit HARNESS [--rules ID,ID] [--seed N] [--out FOLDER] [--limit SECONDS]

Runs the rules of OmniQ's storage contract on the adapter whose harness the module HARNESS exports.

  --rules ID,ID    only these rules
  --seed N         what random choices begin from (default 1)
  --out FOLDER     write report.json, report.md, report.junit.xml and badge.json there
  --limit SECONDS  how long setting up, a check and cleaning up may each take (default 120)
  --help           print this

Exits with 0 if no rule failed, 1 if one did, 2 if there was nothing to run.
`;

/** What every process has open: its standard streams. */
const STREAMS = new Set(["PipeWrap", "TTYWrap", "FileHandle"]);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rules: { type: "string" },
      seed: { type: "string", default: "1" },
      out: { type: "string" },
      limit: { type: "string", default: "120" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new TypeError("Name one module");
  const harness = await loadHarness(path);
  const report = await runKit(harness, {
    rules: values.rules === undefined ? RULES : values.rules.split(",").map(known),
    seed: wholeNumber("seed", values.seed),
    limitMs: Math.max(1, wholeNumber("limit", values.limit)) * 1000,
    onRule: (rule) => process.stdout.write(`${ruleLine(rule)}\n`),
  });
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true });
    writeFileSync(join(values.out, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(join(values.out, "report.md"), toMarkdown(report));
    writeFileSync(join(values.out, "report.junit.xml"), toJUnit(report));
    writeFileSync(join(values.out, "badge.json"), toBadge(report));
  }
  process.stdout.write(`\n${summaryLine(report)}\n`);
  return countsOf(report).failed === 0 ? 0 : 1;
}

function known(id: string): Rule {
  const rule = RULES.find((one) => one.id === id.trim());
  if (rule) return rule;
  throw new TypeError(`There is no rule ${id}; there are ${RULES.map((one) => one.id).join(", ")}`);
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new TypeError(`--${option} takes a whole number, not ${text}`);
}

/** How often to look whether what was closed has gone: a socket takes a moment. */
const LOOKS = 100;

/** An adapter that leaves something open is told of, and does not keep the process alive. */
async function endSoon(): Promise<void> {
  let left: readonly string[] = [];
  for (let look = 0; look < LOOKS; look++) {
    await turn();
    left = process.getActiveResourcesInfo().filter((name) => !STREAMS.has(name));
    if (left.length === 0) return;
    await pause(10);
  }
  process.stderr.write(
    `The adapter left something open, which keeps the process alive: ${left.join(", ")}\n`,
  );
  process.exit(process.exitCode === 0 ? 1 : process.exitCode);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(error instanceof HarnessError ? `${error.message}\n` : `${String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
await endSoon();
