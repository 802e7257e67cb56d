import { loadSystem } from "./systems.ts";
import { preciseNow } from "./workloads/timing.ts";
import type { WorkerJob } from "./workloads/latency.ts";

/** A worker in a process of its own: `worker JOB`. Tells when it works, and the instant of each handler's first line if it is to. */
const { system, place, variant, concurrency, tells } = JSON.parse(process.argv[2] as string) as WorkerJob;
const session = await (await loadSystem(place.store, system)).open(place, variant);
const worker = await session.work?.({
  concurrency,
  run: () => {
    const at = preciseNow();
    if (tells) process.send?.(at);
  },
});
process.send?.(preciseNow());
process.once("message", () => {
  void (async () => {
    await worker?.stop();
    await session.close();
    process.disconnect?.();
  })();
});
