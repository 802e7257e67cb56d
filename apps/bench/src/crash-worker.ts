import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { defineTask } from "@omniq/core";
import { openOmniQ } from "./systems/open-omniq.ts";
import type { Payload, Place } from "./system.ts";

/** A worker that may be killed at any time: `crash-worker PLACE LEASE`. Writes down every task that it begins. */
const place = JSON.parse(process.argv[2] as string) as Place;
const lease = { milliseconds: Number(process.argv[3]) };
const TASK_MS = 50;

const runs = openSync(join(place.folder, `runs-${process.pid}.log`), "a");
const task = defineTask({
  name: "slow",
  run: ({ n }: Payload) => {
    writeSync(runs, `${n}\n`);
    return new Promise<void>((resolve) => setTimeout(resolve, TASK_MS));
  },
});
const queue = await openOmniQ(place, [task]);
const worker = queue.worker({ concurrency: 10, lease });
await worker.start();
process.send?.("ready");
process.once("message", () => void queue.close().then(() => process.disconnect?.()));
