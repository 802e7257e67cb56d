import type { Clock } from "../ports/clock.ts";

const FRESH_MS = 1000;
const FRESH_USES = 100;

/** How many queues one call to a store looks through: what it costs grows with them, and others at the store wait. */
export const QUEUES_A_CALL = 100;

/** The names of a store's queues, remembered for a moment, so that a busy worker need not ask at each claim. */
export class KnownQueues {
  readonly #clock: Clock;
  #names: readonly string[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #uses = 0;
  #rotation = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the names are from a moment ago. */
  isFresh(): boolean {
    const age = this.#clock.now() - this.#readAt;
    return age >= 0 && age <= FRESH_MS && this.#uses++ < FRESH_USES;
  }

  /** Takes in what was read. */
  learn(names: readonly string[]): void {
    this.#names = names;
    this.#readAt = this.#clock.now();
    this.#uses = 0;
  }

  /** The names, each call beginning with the next one. */
  inTurn(): readonly string[] {
    const first = this.#names.length === 0 ? 0 : this.#rotation++ % this.#names.length;
    return [...this.#names.slice(first), ...this.#names.slice(0, first)];
  }

  /**
   * Where all the queues of some calls had nothing to give, the next turn begins after them.
   *
   * @param place of the first queue, in its turn, that gave something
   */
  found(place: number): void {
    this.#rotation += place - (place % QUEUES_A_CALL);
  }
}
