import { defineTask } from "@omniq/core";
import type { Payload, System } from "../system.ts";
import { countsOf, openOmniQ } from "./open-omniq.ts";

/** OmniQ as it comes. A batch is its `prefetch`; what is not kept has `keep: "none"`. */
export const omniq: System = {
  settings: "durable defaults, fencing and results on, events: errors, prefetch = concurrency unless said",
  async open(place, { keeps, batch }) {
    let run: (payload: Payload) => void | Promise<void> = () => {};
    const task = defineTask({
      name: "noop",
      run: (payload: Payload) => run(payload),
      ...(!keeps && { keep: "none" }),
    });
    const queue = await openOmniQ(place, [task]);
    return {
      add: (payload) => queue.enqueue(task, payload),
      addMany: (payloads) => queue.enqueueMany(payloads.map((payload) => ({ task, payload }))),
      async work(options) {
        run = options.run;
        const worker = queue.worker({
          concurrency: options.concurrency,
          ...(batch !== null && { prefetch: batch }),
        });
        await worker.start();
        return { settled: () => worker.stop(), stop: () => worker.stop() };
      },
      counts: () => countsOf(queue),
      close: () => queue.close(),
    };
  },
};
