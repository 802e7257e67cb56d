import { importPeer } from "../peers.ts";
import { Progress } from "../progress.ts";
import type { Payload, System } from "../system.ts";

interface Bee {
  createJob(data: Payload): { save(): Promise<unknown> };
  saveAll(jobs: readonly unknown[]): Promise<Map<unknown, Error>>;
  process(concurrency: number, run: (job: { readonly data: Payload }) => Promise<void>): void;
  on(event: string, listener: () => void): void;
  ready(): Promise<unknown>;
  checkHealth(): Promise<{ readonly waiting: number; readonly succeeded: number }>;
  close(timeoutMs?: number): Promise<void>;
}

type Constructor = new (name: string, settings: object) => Bee;

/** bee-queue as its README sets producers and workers up for speed: no events where nobody listens, no jobs kept in memory. */
export const beeQueue: System = {
  settings: "AOF everysec, getEvents, sendEvents and storeJobs off, saveAll; deleted: removeOnSuccess",
  async open(place, { keeps }) {
    const { default: BeeQueue } = await importPeer<{ readonly default: Constructor }>(
      "bee-queue",
      "bee-queue/index.js",
    );
    const { hostname: host, port } = new URL(place.url);
    const common = {
      redis: { host, port: Number(port) },
      getEvents: false,
      sendEvents: false,
      storeJobs: false,
      removeOnSuccess: !keeps,
    };
    const queue = new BeeQueue("bench", { ...common, isWorker: false });
    await queue.ready();
    return {
      add: (payload) => queue.createJob(payload).save(),
      async addMany(payloads) {
        const failed = await queue.saveAll(payloads.map((payload) => queue.createJob(payload)));
        for (const error of failed.values()) throw error;
      },
      async work({ concurrency, run }) {
        const progress = new Progress();
        const worker = new BeeQueue("bench", common);
        worker.on("succeeded", () => progress.add());
        await worker.ready();
        worker.process(concurrency, async ({ data }) => run(data));
        return { settled: (count) => progress.reached(count), stop: () => worker.close(1000) };
      },
      async counts() {
        const { waiting, succeeded } = await queue.checkHealth();
        return { waiting, succeeded };
      },
      close: () => queue.close(1000),
    };
  },
};
