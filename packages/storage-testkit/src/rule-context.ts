import type { BaseStorage, BaseStorageOptions, Capabilities } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import type { Door, Place, StorageHarness } from "./harness.ts";
import { seededRandom } from "./seeded-random.ts";

/** Which of the random histories of a model rule to run again, as its failure printed them. */
export interface Replay {
  /** Which run of the seed, and which steps to make it smaller. */
  readonly path: string;
  /** Which of its commands. */
  readonly commands: string;
}

/** What a check works with: stores on one fresh place, and a clock that stands still unless it is moved. */
export class RuleContext {
  readonly clock = new ManualClock();
  /** The store that the check mainly uses. Events are kept at level `all`. */
  readonly store: BaseStorage;
  readonly seed: number;
  readonly replay: Replay | null;
  /** The same row of numbers for the same seed, which a failure names. */
  readonly random: () => number;
  readonly #harness: StorageHarness;
  readonly #place: Place;
  readonly #stores: BaseStorage[] = [];
  readonly #beside = new Set<RuleContext>();

  constructor(harness: StorageHarness, place: Place, seed: number, replay: Replay | null = null) {
    this.#harness = harness;
    this.#place = place;
    this.seed = seed;
    this.replay = replay;
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

  /** Another instance that is told nothing but the time. */
  connectByDefault(): BaseStorage {
    const store = this.#place.connect({ clock: this.clock });
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

  /** Jumps to an instant, back or forth. */
  async setTime(now: number): Promise<void> {
    this.clock.set(now);
    await this.tellTime();
  }

  /** Lets a place with a clock of its own know the time. */
  async tellTime(): Promise<void> {
    await this.#place.setNow?.(this.clock.now());
  }

  has(door: Door): boolean {
    return this.#place[door] !== undefined;
  }

  /** What claims have examined since this was last asked. Only for checks that name the door. */
  claimWork(): number {
    const work = this.#place.claimWork?.();
    if (work === undefined) throw new TypeError("The harness has no claimWork().");
    return work;
  }

  /** A fresh place with a clock of its own, beside this one. It goes with this one, if not before. */
  async beside(): Promise<RuleContext> {
    const context = new RuleContext(this.#harness, await this.#harness.setUp(), this.seed);
    this.#beside.add(context);
    await context.tellTime();
    return context;
  }

  /** Takes a place beside this one away again. */
  async leave(context: RuleContext): Promise<void> {
    if (!this.#beside.delete(context)) return;
    await context.close();
    await context.#place.cleanUp();
  }

  /** Closes every store that was connected, and takes away the places beside. */
  async close(): Promise<void> {
    await Promise.all([...this.#beside].map((context) => this.leave(context)));
    await Promise.all(this.#stores.map((store) => store.close()));
  }
}
