import { TaskError, WorkerPool, defineTask } from "@omniq/core";
import type { Figures } from "../job.ts";
import { openOmniQ } from "../systems/open-omniq.ts";
import type { Payload, Place } from "../system.ts";
import { drainOmniQ } from "./drain-omniq.ts";
import { fill } from "./enqueue.ts";

/** The mean of making a TaskError of an exception, and of writing it as JSON. */
export function makeErrors(total: number): Figures {
  const errors: TaskError[] = [];
  const thrown = Array.from({ length: total }, (_, index) => new Error(`no paper in tray ${index}`));
  const createMs = meanMs(thrown, (error) => errors.push(TaskError.fromException(error)));
  let length = 0;
  const serializeMs = meanMs(errors, (error) => (length += JSON.stringify(error).length));
  if (errors.length !== total || length < total) throw new Error("Not every error was written");
  return { createMs, serializeMs };
}

function meanMs<T>(items: readonly T[], work: (item: T) => unknown): number {
  const began = performance.now();
  for (const item of items) work(item);
  return Number(((performance.now() - began) / items.length).toPrecision(3));
}

/**
 * Tasks that run a second time: their first run has failed, so that each carries an error, or has given its task back, so
 * that none does and all else is the same.
 */
export async function storedErrors(place: Place, total: number, withErrors: boolean): Promise<Figures> {
  let isFirst = true;
  const task = defineTask({
    name: "second try",
    maxRetries: 1,
    retry: { strategy: "fixed", base: "1ms", jitter: 0 },
    run: (_payload: Payload, context) => {
      if (!isFirst) return;
      if (withErrors) throw new Error("no paper");
      context.snooze("1ms");
    },
  });
  const first = await openOmniQ(place, [task]);
  await fill(
    { addMany: (payloads) => first.enqueueMany(payloads.map((payload) => ({ task, payload }))) },
    total,
  );
  await first.worker({ concurrency: 10 }).processTasks({ limit: total });
  // What the first runs have left for the store to do is not the second ones' to pay.
  await first.close();
  isFirst = false;
  const queue = await openOmniQ(place, [task]);
  const rate = await drainOmniQ(queue, queue.worker({ concurrency: 10 }), total);
  await queue.close();
  return { rate };
}

/** W3 c10 by a worker that was made over a queue, or over a storage. */
export async function workerMadeOver(
  place: Place,
  total: number,
  over: "queue" | "storage",
): Promise<Figures> {
  const task = defineTask({ name: "noop", run: (_payload: Payload) => {} });
  const queue = await openOmniQ(place, [task]);
  await fill(
    { addMany: (payloads) => queue.enqueueMany(payloads.map((payload) => ({ task, payload }))) },
    total,
  );
  const worker =
    over === "queue"
      ? new WorkerPool({ queue, concurrency: 10 })
      : new WorkerPool({ storage: queue.storage, tasks: [task], concurrency: 10 });
  const rate = await drainOmniQ(queue, worker, total);
  await queue.close();
  return { rate };
}
