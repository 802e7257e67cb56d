import { defineTask, silentLogger } from "@omniq/core";
import { configure, flush, getLogger } from "@omniq/logging";
import type { Figures } from "../job.ts";
import { openOmniQ } from "../systems/open-omniq.ts";
import type { Payload, Place } from "../system.ts";
import { drainOmniQ } from "./drain-omniq.ts";
import { fill } from "./enqueue.ts";

/** W3 c10 with tasks of 1 ms that log a line each, at INFO to a file, or to nobody. */
export async function logging(place: Place, total: number, logs: boolean): Promise<Figures> {
  configure({ level: "INFO", mode: "PROD", file: `${place.folder}/bench.log` });
  const task = defineTask({
    name: "brief",
    run: async ({ n }: Payload, { logger }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      logger.info("Worked", { item: n });
    },
  });
  const queue = await openOmniQ(place, [task], logs ? getLogger("bench") : silentLogger);
  await fill(
    { addMany: (payloads) => queue.enqueueMany(payloads.map((payload) => ({ task, payload }))) },
    total,
  );
  const rate = await drainOmniQ(queue, queue.worker({ concurrency: 10 }), total, flush);
  await queue.close();
  return { rate };
}
