/** How often the queue may start without the event loop having turned. */
const MOST_STARTS_WITHOUT_TURN = 32;

/**
 * Does one thing at a time: answers what has come in since the last batch, all of it as one, and between two batches
 * whatever steps are asked for.
 */
export class BatchQueue<Item> {
  readonly #answer: (batch: readonly Item[]) => Promise<void>;
  readonly #afterBatch: () => void;
  #items: Item[] = [];
  readonly #steps: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;
  #startsWithoutTurn = 0;

  /** @param answer must not reject */
  constructor(answer: (batch: readonly Item[]) => Promise<void>, afterBatch: () => void) {
    this.#answer = answer;
    this.#afterBatch = afterBatch;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#start();
  }

  /** Items that are to be in the next batch, before all others. To be called by `answer`. */
  putBack(items: readonly Item[]): void {
    // As arguments of a call, very many would overflow the stack.
    this.#items = [...items, ...this.#items];
  }

  /** Resolves once the step was taken. */
  step(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#steps.push(() => work().then(resolve, reject));
      this.#start();
    });
  }

  /** Resolves once nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  get #isEmpty(): boolean {
    return this.#items.length === 0 && this.#steps.length === 0;
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (!this.#isEmpty) this.#start();
    });
  }

  async #run(): Promise<void> {
    // What comes in within one turn of the event loop is one batch. Whoever reads in a loop must not keep it from turning.
    if (++this.#startsWithoutTurn % MOST_STARTS_WITHOUT_TURN === 0)
      await new Promise((resolve) => setImmediate(resolve));
    else await Promise.resolve();
    while (!this.#isEmpty) {
      for (let step = this.#steps.shift(); step; step = this.#steps.shift()) await step();
      const batch = this.#items;
      this.#items = [];
      if (batch.length > 0) await this.#answer(batch);
      this.#afterBatch();
    }
  }
}
