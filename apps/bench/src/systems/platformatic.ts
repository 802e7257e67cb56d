import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { importPeer } from "../peers.ts";
import { Progress } from "../progress.ts";
import type { Payload, System } from "../system.ts";

interface Module {
  readonly FileStorage: new (config: { readonly basePath: string }) => object;
  readonly Queue: new (config: object) => Queue;
}

interface Queue {
  on(event: string, listener: () => void): void;
  execute(run: (job: { readonly payload: Payload }) => Promise<null>): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  enqueue(id: string, payload: Payload): Promise<unknown>;
}

/** platformatic's queue on its store of files, which syncs nothing. Ids are the caller's. */
export const platformatic: System = {
  settings: "FileStorage (one file a job, never synced), results kept for an hour",
  async open(place) {
    const { FileStorage, Queue } = await importPeer<Module>(
      "platformatic",
      "@platformatic/job-queue/dist/index.js",
    );
    const basePath = join(place.folder, "platformatic");
    const storage = new FileStorage({ basePath });
    const producer = new Queue({ storage });
    producer.on("error", () => {});
    await producer.start();
    const id = ({ n }: Payload): string => `job-${n}`;
    const filesIn = async (name: string, ending: string): Promise<number> =>
      (await readdir(join(basePath, name))).filter((file) => file.endsWith(ending)).length;
    return {
      add: (payload) => producer.enqueue(id(payload), payload),
      addMany: (payloads) => Promise.all(payloads.map((payload) => producer.enqueue(id(payload), payload))),
      async work({ concurrency, run }) {
        const progress = new Progress();
        const worker = new Queue({ storage: new FileStorage({ basePath }), concurrency });
        worker.on("error", () => {});
        worker.on("completed", () => progress.add());
        // It cannot store undefined as a result: such a job is run again.
        worker.execute(async ({ payload }) => {
          await run(payload);
          return null;
        });
        await worker.start();
        return { settled: (count) => progress.reached(count), stop: () => worker.stop() };
      },
      counts: async () => ({
        waiting: await filesIn("queue", ".msg"),
        succeeded: await filesIn("results", ".result"),
      }),
      close: () => producer.stop(),
    };
  },
};
