import type { BaseStorage, BaseStorageOptions, Capabilities } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import type { Place } from "./harness.ts";
import { seededRandom } from "./seeded-random.ts";

/** What a check works with: stores on one fresh place, and a clock that stands still unless it is moved. */
export class RuleContext {
  readonly clock = new ManualClock();
  /** The store that the check mainly uses. Events are kept at level `all`. */
  readonly store: BaseStorage;
  /** The same row of numbers for the same seed, which a failure names. */
  readonly random: () => number;
  readonly #place: Place;
  readonly #stores: BaseStorage[] = [];

  constructor(place: Place, seed: number) {
    this.#place = place;
    this.random = seededRandom(seed);
    this.store = this.connect();
  }

  get capabilities(): Capabilities {
    return this.store.capabilities;
  }

  /** The present instant of the contract's clock. */
  get now(): number {
    return this.clock.now();
  }

  /** Another instance on the same place. */
  connect(options: Omit<BaseStorageOptions, "clock"> = {}): BaseStorage {
    const store = this.#place.connect({ events: "all", ...options, clock: this.clock });
    this.#stores.push(store);
    return store;
  }

  /** So many other instances on the same place. */
  connectMany(count: number): BaseStorage[] {
    return Array.from({ length: count }, () => this.connect());
  }

  /** Moves time forward. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.tellTime();
  }

  /** Lets a place with a clock of its own know the time. */
  async tellTime(): Promise<void> {
    await this.#place.setNow?.(this.clock.now());
  }

  /** Closes every store that was connected. */
  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
  }
}
