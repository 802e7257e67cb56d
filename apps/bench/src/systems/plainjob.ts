import Database from "better-sqlite3";
import type { System } from "../system.ts";

interface Plainjob {
  readonly better: (database: Database.Database) => unknown;
  readonly defineQueue: (options: object) => Queue;
  readonly defineWorker: (type: string, run: () => void, options: object) => Worker;
}

interface Worker {
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Queue {
  add(type: string, data: unknown): void;
  addMany(type: string, data: readonly unknown[]): void;
  countJobs(options: { readonly status: number }): number;
  close(): void;
}

const quiet = { error: console.error, warn() {}, info() {}, debug() {} };

/** plainjob as its README sets it up; so many workers in one process stand for a concurrency. */
export const plainjob: System = {
  name: "plainjob",
  settings: "synchronous=NORMAL (its own), no retries, no results",
  async open(folder) {
    const entry = new URL("../../peers/node_modules/plainjob/dist/plainjob.js", import.meta.url).href;
    const { better, defineQueue, defineWorker } = (await import(entry)) as Plainjob;
    const queue = defineQueue({ connection: better(new Database(`${folder}/plainjob.db`)), logger: quiet });
    return {
      add: async (payload) => queue.add("noop", payload),
      addMany: async (payloads) => queue.addMany("noop", payloads),
      async drain(total, concurrency) {
        let ran = 0;
        let allRan = (): void => {};
        const done = new Promise<void>((resolve) => (allRan = resolve));
        const run = (): void => {
          if (++ran === total) allRan();
        };
        const workers = Array.from({ length: concurrency }, () =>
          defineWorker("noop", run, { queue, logger: quiet }),
        );
        const running = workers.map((worker) => worker.start());
        await done;
        await Promise.all(workers.map((worker) => worker.stop()));
        await Promise.all(running);
      },
      counts: async () => ({
        waiting: queue.countJobs({ status: 0 }),
        succeeded: queue.countJobs({ status: 2 }),
      }),
      close: async () => queue.close(),
    };
  },
};
