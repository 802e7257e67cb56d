import type { OmniQ, WorkerPool } from "@omniq/core";
import { countsOf } from "../systems/open-omniq.ts";
import { expectCounts, rateOf } from "./timing.ts";

/**
 * The rate at which a worker of OmniQ runs all that waits.
 *
 * @param after what else belongs to the time.
 */
export async function drainOmniQ(
  queue: OmniQ,
  worker: WorkerPool,
  total: number,
  after: () => Promise<unknown> = async () => {},
): Promise<number> {
  const rate = await rateOf(total, async () => {
    await worker.processTasks();
    await after();
  });
  await expectCounts({ counts: () => countsOf(queue) }, { waiting: 0, succeeded: total });
  return rate;
}
