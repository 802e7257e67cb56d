/** Where something lies in its bag. Handlers are given what is in one, so it is no name of theirs. */
export const PLACE = Symbol("place in a bag");

/** What a bag may hold. */
export interface Bagged {
  [PLACE]: number;
}

/**
 * A set of objects that come and go by the thousand, in no order.
 *
 * A `Set` outgrows its table again and again as they do, and each outgrown table points to the next one. Once the
 * garbage collector has moved one of them to its old space, it takes all that follow for alive, with everything that
 * was ever in them, until its next full round: a worker that ran 20,000 small tasks grew by 40 MB.
 */
export class Bag<T extends Bagged> {
  #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    item[PLACE] = this.#items.length;
    this.#items.push(item);
  }

  /** Takes out what is in it; anything else is left alone. */
  delete(item: T): void {
    if (this.#items[item[PLACE]] !== item) return;
    const last = this.#items.pop() as T;
    if (last === item) return;
    this.#items[item[PLACE]] = last;
    last[PLACE] = item[PLACE];
  }

  clear(): void {
    this.#items = [];
  }

  /** What is in it now. */
  all(): readonly T[] {
    return [...this.#items];
  }
}
