import { OmniQ, defineTask, silentLogger } from "@omniq/core";
import * as sqlite from "@omniq/storage-sqlite";
import type { System } from "../system.ts";

/** OmniQ on SQLite as it comes: synchronous=FULL, fencing and results on, events at level errors. */
export const omniq: System = {
  name: "omniq",
  settings: "synchronous=FULL, results kept, events: errors",
  async open(folder) {
    let ran = 0;
    let total = Number.POSITIVE_INFINITY;
    let allRan = (): void => {};
    const noop = defineTask({
      name: "noop",
      run: (_payload: { readonly n: number }) => {
        if (++ran === total) allRan();
      },
    });
    const queue = await OmniQ.open(`sqlite:${folder}/omniq.db`, {
      tasks: [noop],
      adapter: sqlite,
      logger: silentLogger,
    });
    return {
      add: (payload) => queue.enqueue(noop, payload),
      addMany: (payloads) => queue.enqueueMany(payloads.map((payload) => ({ task: noop, payload }))),
      async drain(count, concurrency) {
        const done = new Promise<void>((resolve) => (allRan = resolve));
        total = count;
        const worker = queue.worker({ concurrency });
        await worker.start();
        await done;
        await worker.stop();
      },
      async counts() {
        const counts = await queue.countTasks();
        const of = (status: string): number => counts.find((row) => row.status === status)?.count ?? 0;
        return { waiting: of("PENDING"), succeeded: of("SUCCESS") };
      },
      close: () => queue.close(),
    };
  },
};
