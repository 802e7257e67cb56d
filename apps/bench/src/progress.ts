/** Counts what has been settled, for those who wait until it is enough. */
export class Progress {
  #count = 0;
  #waiting: { readonly count: number; readonly resolve: () => void } | null = null;

  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count++;
    if (this.#waiting && this.#count >= this.#waiting.count) this.#waiting.resolve();
  }

  /** Resolves once so many have been added. One may wait at a time. */
  reached(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    return new Promise((resolve) => (this.#waiting = { count, resolve }));
  }
}
