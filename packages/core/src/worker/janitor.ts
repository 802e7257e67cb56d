import type { Clock, Timer } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { BaseStorage } from "../storage/base-storage.ts";

/** How long what has ended is kept, in milliseconds; null for ever. Results have a time to live of their own. */
export interface Retention {
  readonly succeeded: number | null;
  readonly failed: number | null;
  readonly cancelled: number | null;
  readonly events: number | null;
}

/** How much one call removes, so that none holds up a claim for long. */
const BATCH = 500;
/** So many batches of a kind in one round; what is left waits for the next. */
const MOST_BATCHES = 20;
const PERIOD_MS = 60_000;

/**
 * Removes what nobody asks for any more, in small batches, beside a worker's own work: results whose time is over, and
 * tasks and events past the retention. Several workers at it do no harm.
 */
export class Janitor {
  readonly #storage: BaseStorage;
  readonly #clock: Clock;
  readonly #retention: Retention;
  readonly #logger: Logger;
  #timer: Timer | null = null;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(storage: BaseStorage, clock: Clock, retention: Retention, logger: Logger) {
    this.#storage = storage;
    this.#clock = clock;
    this.#retention = retention;
    this.#logger = logger;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#running = this.#clean().finally(() => this.start());
    }, PERIOD_MS);
  }

  /** Ends after the batch under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  async #clean(): Promise<void> {
    const { succeeded, failed, cancelled, events } = this.#retention;
    try {
      await this.#repeat((limit) => this.#storage.purgeResults({ limit }));
      // By the store's clock, by which they ended.
      const { now } = await this.#storage.nextDue({ queues: [] });
      for (const [status, keptMs] of [
        ["SUCCESS", succeeded],
        ["FAILED", failed],
        ["CANCELLED", cancelled],
      ] as const) {
        if (keptMs === null) continue;
        await this.#repeat((limit) => this.#storage.purge({ before: now - keptMs, status, limit }));
      }
      if (events === null) return;
      await this.#repeat((limit) => this.#storage.purgeEvents({ before: now - events, limit }));
    } catch (error) {
      this.#logger.warn("What has ended could not be removed; trying again in a minute", { error });
    }
  }

  async #repeat(purge: (limit: number) => Promise<number>): Promise<void> {
    for (let batch = 0; batch < MOST_BATCHES && !this.#stopped; batch++) {
      if ((await purge(BATCH)) < BATCH) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
