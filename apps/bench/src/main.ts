import { execFileSync, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { systems } from "./systems.ts";
import { type Workload, workloads } from "./workloads.ts";

const PEERS = fileURLToPath(new URL("../peers", import.meta.url));

const { values } = parseArgs({
  options: {
    workload: { type: "string", default: "W1,W2,W3" },
    rounds: { type: "string", default: "3" },
  },
});

installPeers();
const rounds = Number(values.rounds);
const chosen = workloads.filter(({ id }) => values.workload.split(",").includes(id));
const header = ["workload", ...systems.map(({ name }) => `${name}/s (spread)`), "to plainjob", "to raw"];
process.stdout.write(`${systems.map(({ name, settings }) => `${name}: ${settings}`).join("\n")}\n\n`);
process.stdout.write(`| ${header.join(" | ")} |\n|${" --- |".repeat(header.length)}\n`);
for (const workload of chosen) process.stdout.write(`| ${(await measured(workload)).join(" | ")} |\n`);

/** A row of the table: medians of rounds in which the systems take turns, and ours as a ratio to each. */
async function measured(workload: Workload): Promise<string[]> {
  const rates = new Map<string, number[]>(systems.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name } of systems) rates.get(name)?.push(await measure(name, workload));
  }
  const of = (name: string): number => median(rates.get(name) ?? []);
  return [
    `${workload.id} x${workload.concurrency}`,
    ...systems.map(({ name }) => `${of(name).toLocaleString("en")} (${spread(rates.get(name) ?? [])})`),
    (of("omniq") / of("plainjob")).toFixed(2),
    (of("omniq") / of("raw")).toFixed(2),
  ];
}

function measure(system: string, { id, concurrency }: Workload): Promise<number> {
  const script = fileURLToPath(new URL("./measure.js", import.meta.url));
  return new Promise((resolve, reject) => {
    let rate: number | null = null;
    const child = fork(script, [system, id, String(concurrency)]);
    child.once("message", (message) => (rate = message as number));
    child.once("exit", () => {
      if (rate === null) reject(new Error(`${system} did not finish ${id} at ${concurrency}`));
      else resolve(rate);
    });
  });
}

function median(rates: readonly number[]): number {
  return rates.toSorted((a, b) => a - b)[rates.length >> 1] ?? Number.NaN;
}

function spread(rates: readonly number[]): string {
  return `${Math.min(...rates).toLocaleString("en")} to ${Math.max(...rates).toLocaleString("en")}`;
}

function installPeers(): void {
  if (existsSync(`${PEERS}/node_modules`)) return;
  execFileSync("npm", ["install", "--prefix", PEERS, "--no-package-lock", "--ignore-scripts"], {
    stdio: "inherit",
  });
}
