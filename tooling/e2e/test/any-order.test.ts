import assert from "node:assert/strict";
import { inspect } from "node:util";
import { OmniQ, OmniQError, type WorkerPool, defineTask, silentLogger } from "@omniq/core";
import { startPostgres, startRedis } from "@omniq/services";
import { temporaryFolder } from "@omniq/test-support/temporary-folder";
import { seededRandom } from "@omniq/test-support/seeded-random";
import { afterAll, describe, it } from "vitest";

const ROUNDS = 15;
const CALLS = 25;

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

const PLACES: Readonly<Record<string, () => Promise<string>>> = {
  SQLite: async () => `sqlite:${temporaryFolder()}/omniq.db`,
  files: async () => `file:${temporaryFolder()}/omniq`,
  Postgres: async () => started(await startPostgres()),
  Redis: async () => started(await startRedis()),
};

function started(server: Server): string {
  servers.push(server);
  return server.url;
}

/** An application that makes calls in whatever order, waits for none of them, and closes its queue in between. */
class Application {
  readonly acknowledged = new Set<number>();
  readonly ran: number[] = [];
  readonly #url: string;
  readonly #random: () => number;
  readonly #task = defineTask({
    name: "task",
    run: async (n: number) => {
      this.ran.push(n);
      if (this.#random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
    },
  });
  readonly #calls: Promise<unknown>[] = [];
  readonly #workers: WorkerPool[] = [];
  #next = 0;

  constructor(url: string, random: () => number) {
    this.#url = url;
    this.#random = random;
  }

  open(): Promise<OmniQ> {
    return OmniQ.open(this.#url, { tasks: [this.#task], logger: silentLogger });
  }

  async run(): Promise<void> {
    let queue = await this.open();
    for (let count = 0; count < CALLS; count++) {
      switch (this.#upTo(9)) {
        case 0:
        case 1:
        case 2:
          this.#enqueue(queue, 1);
          break;
        case 3:
          this.#enqueue(queue, 3);
          break;
        case 4:
          this.#workers.push(queue.worker({ concurrency: 1 + this.#upTo(3) }));
          this.#call(this.#workers.at(-1)?.start());
          break;
        case 5:
          this.#call(this.#workers[this.#upTo(this.#workers.length)]?.stop());
          break;
        case 6:
          this.#call(this.#workers[this.#upTo(this.#workers.length)]?.start());
          break;
        case 7:
          this.#call(queue.worker().processTasks({ limit: 1 + this.#upTo(4) }));
          break;
        default:
          this.#call(queue.close());
          queue = await this.open();
      }
      if (this.#random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(this.#calls);
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await queue.close();
  }

  #enqueue(queue: OmniQ, count: number): void {
    const numbers = Array.from({ length: count }, () => this.#next++);
    const items = numbers.map((payload) => ({ task: this.#task, payload }));
    const noted = queue.enqueueMany(items).then(() => {
      for (const number of numbers) this.acknowledged.add(number);
    });
    this.#call(noted);
  }

  #call(call: Promise<unknown> | undefined): void {
    const heard = call?.catch((error: unknown) => assert.ok(error instanceof OmniQError, inspect(error)));
    this.#calls.push(heard ?? Promise.resolve());
  }

  #upTo(end: number): number {
    return Math.floor(this.#random() * end);
  }
}

describe("calls in any order, none of them waited for", () => {
  it.each(Object.keys(PLACES))("on %s: nothing is lost, run twice or left to its lease", async (store) => {
    const random = seededRandom();
    const url = await (PLACES[store] as () => Promise<string>)();
    for (let round = 0; round < ROUNDS; round++) {
      const application = new Application(url, random);
      await application.run();
      await using queue = await application.open();
      await queue.worker({ concurrency: 10 }).processTasks();
      const counts = await queue.countTasks();
      assert.ok(
        counts.every(({ status }) => status === "SUCCESS"),
        `round ${round}: ${inspect(counts)}`,
      );
      const ran = new Set(application.ran);
      assert.equal(ran.size, application.ran.length, `round ${round}: run twice`);
      const lost = [...application.acknowledged].filter((number) => !ran.has(number));
      assert.deepEqual(lost, [], `round ${round}`);
    }
  });
});
