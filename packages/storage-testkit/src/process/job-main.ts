/** A process of the kit's that does the jobs that it is told, one after the other. */
import { ManualClock } from "@omniq/core/testing";
import { loadHarness } from "../report/load-harness.ts";
import { JOBS, type Bench } from "./jobs.ts";
import type { Order, Reply, Start } from "./messages.ts";

let clock: ManualClock;
let bench: Promise<Bench>;

async function begin({ module, config, options, now }: Start): Promise<Bench> {
  clock = new ManualClock(now);
  const harness = await loadHarness(module);
  return { store: harness.connect(config, { ...options, clock }), held: new Map() };
}

async function obey({ number, job, args, now }: Order): Promise<Reply> {
  try {
    const ready = await bench;
    clock.set(now);
    const work = JOBS[job as keyof typeof JOBS] as (bench: Bench, args: unknown) => Promise<unknown>;
    return { number, answer: await work(ready, args) };
  } catch (error) {
    return { number, failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

process.on("message", (message: Start | Order) => {
  if ("module" in message) {
    bench = begin(message);
    // Whoever gives an order is told of a failure.
    bench.catch(() => {});
  } else {
    void obey(message).then((reply) => process.send?.(reply));
  }
});
