import { contestsOf } from "./contests.ts";
import { machine, versionsOf } from "./machine.ts";
import { HELP, type Options, UsageError, readOptions } from "./options.ts";
import { writePage } from "./page/write-page.ts";
import { installPeer } from "./peers.ts";
import { Places } from "./places.ts";
import { readAllResults, writeResults } from "./results/files.ts";
import { ratiosOf } from "./results/ratios.ts";
import type { Measured, Row } from "./results/row.ts";
import { runContest } from "./run-contest.ts";
import { FULL, SHORT } from "./sizes.ts";
import { PEERS } from "./systems.ts";
import type { Store } from "./system.ts";
import { lineOf } from "./line.ts";

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else await bench(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function bench(options: Options): Promise<void> {
  if (!options.pageOnly) {
    for (const store of options.stores) await benchStore(store, options);
  }
  writePage(readAllResults());
}

async function benchStore(store: Store, { workloads, rounds, isFull }: Options): Promise<void> {
  const broken = new Map<string, string>();
  for (const peer of PEERS[store]) {
    try {
      installPeer(peer);
    } catch (error) {
      broken.set(peer, `it could not be installed: ${(error as Error).message}`);
    }
  }
  const places = new Places(store);
  try {
    const versions = versionsOf(store, await places.describe());
    const measured: Measured[] = [];
    for (const contest of contestsOf(store, isFull ? FULL : SHORT)) {
      if (!workloads.includes(contest.workload)) continue;
      const rows = await runContest(contest, places, rounds, broken);
      for (const row of rows) process.stdout.write(`${lineOf({ ...row, ...ratiosOf(row, rows) })}\n`);
      measured.push(...rows);
    }
    const common = { versions, machine: machine(), measuredOn: new Date().toISOString().slice(0, 10) };
    writeResults(
      store,
      measured.map((row): Row => ({ ...row, ...ratiosOf(row, measured), ...common })),
    );
  } finally {
    await places.close();
  }
}
