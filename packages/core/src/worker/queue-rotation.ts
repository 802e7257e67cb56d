import type { QueueLimit } from "../storage/params.ts";

/** A queue that a worker serves. */
export interface QueueShare {
  readonly name: string;
  /** How often it comes first, relative to the others. */
  readonly weight: number;
}

/**
 * The order in which a worker asks its queues. By weight, each comes first in its turn, so that none starves
 * behind a flood in another (smooth weighted round-robin); `strict` keeps the order given.
 */
export class QueueRotation {
  readonly #shares: readonly QueueShare[];
  readonly #strict: boolean;
  readonly #total: number;
  readonly #credit: number[];

  constructor(shares: readonly QueueShare[], strict: boolean) {
    this.#shares = shares;
    this.#strict = strict;
    this.#total = shares.reduce((sum, share) => sum + share.weight, 0);
    this.#credit = shares.map(() => 0);
  }

  get names(): readonly string[] {
    return this.#shares.map((share) => share.name);
  }

  /** The queues for the next claim, each of which may fill it. */
  next(limit: number): readonly QueueLimit[] {
    const order = this.#strict ? this.#shares : this.#rotate();
    return order.map(({ name }) => ({ name, limit }));
  }

  /** Everyone gains its weight; the one that then has most goes first and pays the total. The others follow by credit. */
  #rotate(): readonly QueueShare[] {
    const entries = this.#shares.map((share, index) => {
      const credit = (this.#credit[index] ?? 0) + share.weight;
      this.#credit[index] = credit;
      return { share, index, credit };
    });
    entries.sort((a, b) => b.credit - a.credit);
    const first = entries[0]?.index ?? 0;
    this.#credit[first] = (this.#credit[first] ?? 0) - this.#total;
    return entries.map(({ share }) => share);
  }
}
