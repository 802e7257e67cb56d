import Database from "better-sqlite3";
import { importPeer } from "../peers.ts";
import type { Payload, System } from "../system.ts";

interface Plainjob {
  readonly better: (database: Database.Database) => unknown;
  readonly defineQueue: (options: object) => Queue;
  readonly defineWorker: (
    type: string,
    run: (job: { readonly data: string }) => void | Promise<void>,
    options: object,
  ) => PlainWorker;
}

interface PlainWorker {
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
  settings: "synchronous=NORMAL (its own), no retries, no results; an idle worker polls every 10 ms",
  async open(place, { isIdle }) {
    const { better, defineQueue, defineWorker } = await importPeer<Plainjob>(
      "plainjob",
      "plainjob/dist/plainjob.js",
    );
    const database = new Database(`${place.folder}/plainjob.db`);
    const queue = defineQueue({ connection: better(database), logger: quiet });
    return {
      add: async (payload) => queue.add("noop", payload),
      addMany: async (payloads) => queue.addMany("noop", payloads),
      async work({ concurrency, run }) {
        const options = { queue, logger: quiet, ...(isIdle && { pollIntervall: 10 }) };
        const workers = Array.from({ length: concurrency }, () =>
          defineWorker("noop", ({ data }) => run(JSON.parse(data) as Payload), options),
        );
        const running = workers.map((worker) => worker.start());
        const stop = async (): Promise<void> => {
          await Promise.all(workers.map((worker) => worker.stop()));
          await Promise.all(running);
        };
        return { settled: stop, stop };
      },
      counts: async () => ({
        waiting: queue.countJobs({ status: 0 }),
        succeeded: queue.countJobs({ status: 2 }),
      }),
      close: async () => queue.close(),
    };
  },
};
