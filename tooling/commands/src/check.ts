// `check` runs every gate, the later ones too when one fails, and ends with a count. `check NAME` runs one.

import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { gates, type Gate } from "./gates.ts";
import { root, runTool } from "./run.ts";

/** Read by .ci/run; ignored by git. */
const report = path.join(root, ".reports", "check.json");

interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

async function pass(gate: Gate, capture: boolean): Promise<Outcome> {
  let output = "";
  for (const step of gate.steps) {
    const run = await runTool(step, { capture });
    output += run.output;
    if (run.exitCode !== 0) return { passed: false, output };
  }
  return { passed: true, output };
}

async function checkAll(): Promise<boolean> {
  await rm(report, { force: true });
  const failed: string[] = [];

  for (const gate of gates) {
    const started = performance.now();
    const { passed, output } = await pass(gate, true);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${passed ? "ok    " : "FAILED"}  ${gate.name.padEnd(12)}  ${seconds.padStart(5)} s`);
    if (!passed || gate.verbose === true) console.log(indent(output));
    if (!passed) failed.push(gate.name);
  }

  const passed = gates.length - failed.length;
  await mkdir(path.dirname(report), { recursive: true });
  await writeFile(report, `${JSON.stringify({ passed, failed: failed.length, gates: { failed } })}\n`);
  console.log(`\nGates: ${passed} passed, ${failed.length} failed`);
  for (const name of failed) console.log(`Again, alone: pnpm check:${name}`);
  return failed.length === 0;
}

async function checkOne(name: string): Promise<boolean> {
  const gate = gates.find((candidate) => candidate.name === name);
  if (gate === undefined) {
    console.error(`There is no gate "${name}". Gates: ${gates.map((known) => known.name).join(", ")}.`);
    return false;
  }
  const { passed } = await pass(gate, false);
  console.log(passed ? `ok: ${gate.proves}` : `FAILED: ${gate.name}`);
  return passed;
}

function indent(output: string): string {
  return output.trim().replaceAll(/^/gm, "        ");
}

const [name] = process.argv.slice(2);
const passed = name === undefined ? await checkAll() : await checkOne(name);
process.exitCode = passed ? 0 : 1;
