import { defineTask } from "@omniq/core";
import type { Figures } from "../job.ts";
import { countsOf, openOmniQ } from "../systems/open-omniq.ts";
import type { Payload, Place } from "../system.ts";
import { fill } from "./enqueue.ts";
import { expectCounts, peakRssMb, rateOf } from "./timing.ts";

/** Fills OmniQ with tasks that have finished, and tasks that wait. */
export async function grow(place: Place, waiting: number, finished: number): Promise<void> {
  const { queue, addMany } = await open(place);
  await fill({ addMany }, finished);
  if (finished > 0) await queue.worker({ concurrency: 64 }).processTasks();
  await fill({ addMany }, waiting, finished);
  await queue.close();
}

/** The rate of the first so many tasks of those that wait. */
export async function drainSome(
  place: Place,
  total: number,
  { waiting, finished }: { readonly waiting: number; readonly finished: number },
): Promise<Figures> {
  const { queue } = await open(place);
  const worker = queue.worker({ concurrency: 10 });
  const rate = await rateOf(total, () => worker.processTasks({ limit: total }));
  const figures = { rate, peakRssMb: peakRssMb() };
  const counts = (): ReturnType<typeof countsOf> => countsOf(queue);
  await expectCounts({ counts }, { waiting: waiting - total, succeeded: finished + total });
  await queue.close();
  return figures;
}

async function open(place: Place) {
  const task = defineTask({ name: "noop", run: (_payload: Payload) => {} });
  const queue = await openOmniQ(place, [task]);
  const addMany = (payloads: readonly Payload[]): Promise<unknown> =>
    queue.enqueueMany(payloads.map((payload) => ({ task, payload })));
  return { queue, addMany };
}
