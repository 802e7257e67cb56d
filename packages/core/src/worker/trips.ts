import type { Prefetch } from "./prefetch.ts";

/** What a trip settles, and how many tasks it may bring at most. */
export interface Load {
  readonly settles: number;
  readonly claims: number;
}

/** The trips to the store that are under way, and what there is room for beside them. */
export class Trips {
  readonly #concurrency: number;
  readonly #prefetch: Prefetch;
  readonly #isRemote: boolean;
  #count = 0;
  #settles = 0;
  #claims = 0;

  constructor(concurrency: number, prefetch: Prefetch, isRemote: boolean) {
    this.#concurrency = concurrency;
    this.#prefetch = prefetch;
    this.#isRemote = isRemote;
  }

  /** How many are under way. */
  get count(): number {
    return this.#count;
  }

  /** How many tasks one may bring: half of all, where there may be two of them. */
  get most(): number {
    return this.#isRemote ? Math.ceil(this.#slots / 2) : this.#slots;
  }

  /** How many tasks may be claimed, once so many of the held ones are settled. */
  room(held: number, settling: number, budget: number): number {
    const taken = held - this.#settles - settling + this.#claims;
    return Math.max(Math.min(this.#slots - taken, budget - this.#claims), 0);
  }

  begin({ settles, claims }: Load): void {
    this.#count++;
    this.#settles += settles;
    this.#claims += claims;
  }

  end({ settles, claims }: Load): void {
    this.#count--;
    this.#settles -= settles;
    this.#claims -= claims;
  }

  /** How many tasks a worker may hold. */
  get #slots(): number {
    return this.#concurrency + this.#prefetch.size;
  }
}
