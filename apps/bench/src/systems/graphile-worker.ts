import { Client } from "pg";
import { importPeer } from "../peers.ts";
import type { Payload, System } from "../system.ts";

interface Module {
  readonly makeWorkerUtils: (options: object) => Promise<Utils>;
  readonly run: (
    options: object,
    tasks: Readonly<Record<string, (payload: Payload) => Promise<void>>>,
  ) => Promise<Runner>;
  readonly Logger: new (factory: () => () => void) => object;
}

interface Utils {
  migrate(): Promise<void>;
  addJob(task: string, payload: Payload): Promise<unknown>;
  addJobs(jobs: readonly { readonly identifier: string; readonly payload: Payload }[]): Promise<unknown>;
  release(): Promise<unknown>;
}

interface Runner {
  stop(): Promise<void>;
}

/**
 * graphile-worker as its page on performance sets it up: a batch is its local queue, with completions gathered. It deletes
 * what has succeeded.
 */
export const graphileWorker: System = {
  settings:
    "fsync on, maxPoolSize = concurrency + 2; with a batch: localQueue of that size, completeJobBatchDelay 0",
  async open(place, { batch }) {
    const path = "graphile-worker/dist/index.js";
    const { makeWorkerUtils, run: start, Logger } = await importPeer<Module>("graphile-worker", path);
    const logger = new Logger(() => () => {});
    const connectionString = place.url;
    const utils = await makeWorkerUtils({ preset: { worker: { connectionString, logger } } });
    await utils.migrate();
    const client = new Client(connectionString);
    await client.connect();
    const waiting = async (): Promise<number> => {
      const sql = "select count(*)::int as waiting from graphile_worker._private_jobs";
      return (await client.query<{ waiting: number }>(sql)).rows[0]?.waiting ?? 0;
    };
    /** Resolves when the table is empty: completions are written after the events that tell of them. */
    const settled = async (): Promise<void> => {
      while ((await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    };
    return {
      add: (payload) => utils.addJob("noop", payload),
      addMany: (payloads) => utils.addJobs(payloads.map((payload) => ({ identifier: "noop", payload }))),
      async work({ concurrency, run }) {
        const worker = {
          connectionString,
          logger,
          concurrentJobs: concurrency,
          maxPoolSize: Math.max(concurrency + 2, 10),
          ...(batch !== null && {
            localQueue: { size: batch },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          }),
        };
        const runner = await start(
          { preset: { worker }, noHandleSignals: true },
          { noop: async (payload) => run(payload) },
        );
        return { settled, stop: () => runner.stop() };
      },
      counts: async () => ({ waiting: await waiting(), succeeded: 0 }),
      async close() {
        await client.end();
        await utils.release();
      },
    };
  },
};
