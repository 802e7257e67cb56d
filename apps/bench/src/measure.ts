import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systems } from "./systems.ts";
import { workloads } from "./workloads.ts";

/** A process for one measurement, so that none inherits another's heap: `measure SYSTEM WORKLOAD CONCURRENCY`. */
const [systemName, workloadId, concurrency] = process.argv.slice(2);
const system = systems.find(({ name }) => name === systemName);
const workload = workloads.find((one) => one.id === workloadId && one.concurrency === Number(concurrency));
if (!system || !workload) throw new Error(`There is no ${systemName}, or no ${workloadId} at ${concurrency}`);

const folder = mkdtempSync(join(tmpdir(), "omniq-bench-"));
try {
  const session = await system.open(folder);
  process.send?.(await workload.run(session));
  await session.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.disconnect?.();
