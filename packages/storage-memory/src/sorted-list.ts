/** Below this many places that have come free at the front, it is not worth moving the rest. */
const LEAST_FREE = 1024;

/**
 * Elements in order, found by bisection. Queues grow at the end and shrink at the front, so both of these cost nothing
 * but the search.
 */
export class SortedList<T> {
  readonly #items: (T | undefined)[] = [];
  readonly #compare: (a: T, b: T) => number;
  /** Where the first element is; the places before it are free. */
  #head = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  first(): T | undefined {
    return this.#items[this.#head];
  }

  *[Symbol.iterator](): Generator<T> {
    for (let place = this.#head; place < this.#items.length; place++) yield this.#items[place] as T;
  }

  clear(): void {
    this.#items.length = 0;
    this.#head = 0;
  }

  add(item: T): void {
    const position = this.#position(item);
    if (position === this.#items.length) this.#items.push(item);
    else if (position === this.#head && this.#head > 0) this.#items[--this.#head] = item;
    else this.#items.splice(position, 0, item);
  }

  remove(item: T): void {
    const position = this.#position(item);
    if (this.#items[position] !== item) return;
    if (position > this.#head) {
      this.#items.splice(position, 1);
      return;
    }
    this.#items[this.#head++] = undefined;
    if (this.#head >= LEAST_FREE && this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** The leading elements for which `holds`, at most `limit`. */
  take(limit: number, holds: (item: T) => boolean): T[] {
    const taken: T[] = [];
    for (let place = this.#head; place < this.#items.length && taken.length < limit; place++) {
      const item = this.#items[place] as T;
      if (!holds(item)) break;
      taken.push(item);
    }
    return taken;
  }

  /** Where the item stands, or would stand. */
  #position(item: T): number {
    let low = this.#head;
    let high = this.#items.length;
    // Most come in at the end.
    if (high > low && this.#compare(this.#items[high - 1] as T, item) < 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#items[middle] as T, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
