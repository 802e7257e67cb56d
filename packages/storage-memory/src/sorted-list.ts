import { grown } from "./grown.ts";

/** Below this many places that have come free at the front, it is not worth moving the rest. */
const LEAST_FREE = 1024;

/**
 * Numbers that stand for something, in the order of that, found by bisection. Queues grow at the end and shrink at the
 * front, so both of these cost nothing but the search.
 */
export class SortedList {
  #items = new Uint32Array(0);
  readonly #compare: (a: number, b: number) => number;
  /** Where the first element is, and where the last ends; the places around them are free. */
  #head = 0;
  #end = 0;

  constructor(compare: (a: number, b: number) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#end - this.#head;
  }

  first(): number | undefined {
    return this.size === 0 ? undefined : this.#items[this.#head];
  }

  *[Symbol.iterator](): Generator<number> {
    for (let place = this.#head; place < this.#end; place++) yield this.#items[place] as number;
  }

  clear(): void {
    this.#items = new Uint32Array(0);
    this.#head = 0;
    this.#end = 0;
  }

  add(item: number): void {
    const position = this.#position(item);
    if (position === this.#head && this.#head > 0) {
      this.#items[--this.#head] = item;
      return;
    }
    if (this.#end === this.#items.length) this.#items = grown(this.#items, this.#end);
    this.#items.copyWithin(position + 1, position, this.#end);
    this.#items[position] = item;
    this.#end++;
  }

  remove(item: number): void {
    const position = this.#position(item);
    if (position === this.#end || this.#items[position] !== item) return;
    if (position > this.#head) {
      this.#items.copyWithin(position, position + 1, this.#end);
      this.#end--;
      return;
    }
    this.#head++;
    if (this.#head >= LEAST_FREE && this.#head * 2 >= this.#end) this.#moveToFront();
  }

  /** The leading elements for which `holds`, at most `limit`. */
  take(limit: number, holds: (item: number) => boolean): number[] {
    const taken: number[] = [];
    for (const item of this) {
      if (taken.length >= limit || !holds(item)) break;
      taken.push(item);
    }
    return taken;
  }

  #moveToFront(): void {
    this.#items = this.#items.slice(this.#head, this.#head + 2 * this.size);
    this.#end -= this.#head;
    this.#head = 0;
  }

  /** Where the item stands, or would stand. */
  #position(item: number): number {
    let low = this.#head;
    let high = this.#end;
    // Most come in at the end.
    if (high > low && this.#compare(this.#items[high - 1] as number, item) < 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#items[middle] as number, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
