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
/** So many batches of a kind in one round; where that was not enough, the next comes soon. */
const MOST_BATCHES = 20;
const PERIOD_MS = 60_000;
const SHORT_PERIOD_MS = 1000;

/** Removes so many at most, and answers how many it has removed. */
type Purge = (limit: number) => Promise<number>;

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
    this.#cleanIn(PERIOD_MS);
  }

  /** Ends after the batch under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #cleanIn(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#running = this.#clean().then((isDone) => this.#cleanIn(isDone ? PERIOD_MS : SHORT_PERIOD_MS));
    }, delayMs);
  }

  /** One round. False where more is left than a round removes. */
  async #clean(): Promise<boolean> {
    let isDone = true;
    try {
      for (const purge of await this.#purges()) isDone = (await this.#repeat(purge)) && isDone;
    } catch (error) {
      this.#logger.warn("What has ended could not be removed; trying again in a minute", { error });
      return true;
    }
    return isDone;
  }

  async #purges(): Promise<readonly Purge[]> {
    const { succeeded, failed, cancelled, events } = this.#retention;
    const storage = this.#storage;
    // By the store's clock, by which they ended.
    const { now } = await storage.nextDue({ queues: [] });
    const purges: Purge[] = [(limit) => storage.purgeResults({ limit })];
    const kept = [
      ["SUCCESS", succeeded],
      ["FAILED", failed],
      ["CANCELLED", cancelled],
    ] as const;
    // What is kept for longer than time has been counted is kept.
    for (const [status, keptMs] of kept)
      if (keptMs !== null && keptMs < now)
        purges.push((limit) => storage.purge({ before: now - keptMs, status, limit }));
    if (events !== null && events < now)
      purges.push((limit) => storage.purgeEvents({ before: now - events, limit }));
    return purges;
  }

  /** False where there may be more than it has removed. */
  async #repeat(purge: Purge): Promise<boolean> {
    for (let batch = 0; batch < MOST_BATCHES; batch++) {
      if (this.#stopped || (await purge(BATCH)) < BATCH) return true;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return false;
  }
}
