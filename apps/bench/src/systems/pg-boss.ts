import { Client } from "pg";
import { importPeer } from "../peers.ts";
import type { Payload, System } from "../system.ts";

interface Module {
  readonly PgBoss: new (options: object) => Boss;
}

interface Job {
  readonly id: string;
  readonly data: Payload;
}

interface Boss {
  on(event: "error", listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: object): Promise<unknown>;
  createQueue(name: string, options: object): Promise<unknown>;
  send(name: string, data: Payload): Promise<unknown>;
  insert(name: string, jobs: readonly { readonly data: Payload }[]): Promise<unknown>;
  work(name: string, options: object, run: (jobs: readonly Job[]) => Promise<void>): Promise<unknown>;
  fetch(name: string, options: object): Promise<readonly Job[]>;
  complete(name: string, ids: readonly string[]): Promise<unknown>;
}

const QUEUE = "bench";

/**
 * pg-boss with workers that fetch on while batches come full, as its manual says for throughput. Its workers poll every
 * half second otherwise, so at a concurrency of 1 its own fetch and complete are called in a loop, which is faster. An idle
 * worker listens.
 */
export const pgBoss: System = {
  settings: "fsync on, batchSize = concurrency unless said, burstWhenBatchFull; idle: useListenNotify",
  async open(place, { batch, isIdle }) {
    const { PgBoss } = await importPeer<Module>("pg-boss", "pg-boss/dist/index.js");
    const boss = new PgBoss({ connectionString: place.url, schedule: false, useListenNotify: true });
    boss.on("error", () => {});
    await boss.start();
    await boss.createQueue(QUEUE, { notify: isIdle });
    const client = new Client(place.url);
    await client.connect();
    const counts = async (): Promise<{ waiting: number; succeeded: number }> => {
      const { rows } = await client.query<{ waiting: number; succeeded: number }>(
        `select count(*) filter (where state = 'created')::int as waiting,
                count(*) filter (where state = 'completed')::int as succeeded
           from pgboss.job where name = $1`,
        [QUEUE],
      );
      return rows[0] as { waiting: number; succeeded: number };
    };
    /** Resolves when the table says that so many are complete, since pg-boss does not say when it has written that. */
    const settled = async (count: number): Promise<void> => {
      while ((await counts()).succeeded < count) await new Promise((resolve) => setTimeout(resolve, 2));
    };
    return {
      add: (payload) => boss.send(QUEUE, payload),
      addMany: (payloads) =>
        boss.insert(
          QUEUE,
          payloads.map((data) => ({ data })),
        ),
      async work({ concurrency, run }) {
        const runAll = async (jobs: readonly Job[]): Promise<void> => {
          await Promise.all(jobs.map(async ({ data }) => run(data)));
        };
        const batchSize = batch ?? concurrency;
        if (isIdle || batchSize > 1) {
          const localConcurrency = Math.ceil(concurrency / batchSize);
          const options = {
            batchSize,
            localConcurrency,
            burstWhenBatchFull: true,
            pollingIntervalSeconds: 0.5,
          };
          await boss.work(QUEUE, options, runAll);
          return { settled, stop: async () => {} };
        }
        let stops = false;
        const loop = async (): Promise<void> => {
          while (!stops) {
            const jobs = await boss.fetch(QUEUE, { batchSize });
            if (jobs.length === 0) return;
            await runAll(jobs);
            await boss.complete(
              QUEUE,
              jobs.map(({ id }) => id),
            );
          }
        };
        const running = loop();
        const stop = async (): Promise<void> => {
          stops = true;
          await running;
        };
        return { settled: stop, stop };
      },
      counts,
      async close() {
        await client.end();
        await boss.stop({ graceful: true, timeout: 1000, close: true });
      },
    };
  },
};
