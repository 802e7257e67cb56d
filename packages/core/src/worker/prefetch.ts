/** Tasks that take longer are better left to whoever is free first. */
const SHORT_MS = 10;
/** By how much it grows with each claim that brought all it asked for: the first claims of a drain are small ones. */
const GROWTH = 4;
/** How much the newest run counts in the mean. */
const WEIGHT = 0.1;

/** What a claim has shown. */
export interface Claimed {
  /** Whether it brought as many tasks as were asked for. */
  readonly isFull: boolean;
  /** How many tasks of earlier claims still waited for a slot. */
  readonly waiting: number;
}

/**
 * How many tasks to claim beyond the free slots, so that slots need not wait for the store. It grows while tasks are
 * short and the store has plenty, and shrinks at once where tasks that were claimed ahead find no slot.
 */
export class Prefetch {
  readonly #most: number;
  #size = 0;
  /** How long runs take. Until one has ended they count as long. */
  #meanMs = Infinity;

  /** @param most the upper bound; 0 claims nothing ahead. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /** A run has ended that took so long. */
  ran(ms: number): void {
    if (this.#meanMs === Infinity) this.#meanMs = ms;
    else this.#meanMs += (ms - this.#meanMs) * WEIGHT;
  }

  observe({ isFull, waiting }: Claimed): void {
    if (this.#meanMs > SHORT_MS) this.#size = 0;
    else if (waiting > 0) this.#size = Math.floor(this.#size / 2);
    else if (isFull) this.#size = Math.min(Math.max(this.#size, 1) * GROWTH, this.#most);
  }
}
