/** Marks on the numbers below a bound, a bit each. */
export class BitSet {
  readonly size: number;
  readonly #words: Uint32Array;
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.#words = new Uint32Array(Math.ceil(size / 32));
  }

  /** How many are marked. */
  get count(): number {
    return this.#count;
  }

  has(number: number): boolean {
    return (((this.#words[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1;
  }

  /** False where it was marked already. */
  add(number: number): boolean {
    if (number >= this.size || this.has(number)) return false;
    this.#words[number >>> 5] = (this.#words[number >>> 5] as number) | (1 << (number & 31));
    this.#count++;
    return true;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let number = 0; number < this.size; number++) if (this.has(number)) yield number;
  }
}
