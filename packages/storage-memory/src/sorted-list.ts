/** Elements in order, found by bisection. */
export class SortedList<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#items.splice(this.#position(item), 0, item);
  }

  remove(item: T): void {
    const position = this.#position(item);
    if (this.#items[position] === item) this.#items.splice(position, 1);
  }

  /** The leading elements for which `holds`, at most `limit`. */
  take(limit: number, holds: (item: T) => boolean): T[] {
    let end = 0;
    while (end < limit && end < this.#items.length && holds(this.#items[end] as T)) end++;
    return this.#items.slice(0, end);
  }

  /** Where the item stands, or would stand. */
  #position(item: T): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#items[middle] as T, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
