import { importPeer } from "../peers.ts";
import { Progress } from "../progress.ts";
import type { Payload, System } from "../system.ts";

interface Bull {
  readonly Queue: new (name: string, options: object) => Queue;
  readonly Worker: new (
    name: string,
    run: (job: { readonly data: Payload }) => Promise<void>,
    options: object,
  ) => BullWorker;
}

interface Queue {
  add(name: string, data: Payload, options: object): Promise<unknown>;
  addBulk(jobs: readonly object[]): Promise<unknown>;
  getJobCounts(...types: string[]): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

interface BullWorker {
  on(event: string, listener: () => void): void;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** BullMQ as its guide sets it up: one worker with a concurrency, finished jobs kept unless removed on completion. */
export const bullmq: System = {
  settings: "AOF everysec, one worker with the concurrency, addBulk; deleted: removeOnComplete",
  async open(place, { keeps }) {
    const { Queue, Worker } = await importPeer<Bull>("bullmq", "bullmq/dist/cjs/index.js");
    const { hostname: host, port } = new URL(place.url);
    const connection = { host, port: Number(port), maxRetriesPerRequest: null };
    const queue = new Queue("bench", { connection });
    const opts = keeps ? {} : { removeOnComplete: true };
    return {
      add: (data) => queue.add("noop", data, opts),
      addMany: (payloads) => queue.addBulk(payloads.map((data) => ({ name: "noop", data, opts }))),
      async work({ concurrency, run }) {
        const progress = new Progress();
        const worker = new Worker("bench", async ({ data }) => run(data), { connection, concurrency });
        worker.on("completed", () => progress.add());
        worker.on("error", () => {});
        return { settled: (count) => progress.reached(count), stop: () => worker.close() };
      },
      async counts() {
        const counts = await queue.getJobCounts("wait", "completed");
        return { waiting: counts["wait"] ?? 0, succeeded: counts["completed"] ?? 0 };
      },
      close: () => queue.close(),
    };
  },
};
