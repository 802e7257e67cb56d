import { StorageError } from "../errors/storage-error.ts";

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Gathers concurrent calls into batches. Items added in one turn of the event loop, or while a batch is under
 * way, are sent together; each caller's promise settles once its own item is done. One batch is sent at a time.
 */
export class Gatherer<Item, Answer> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #maxBatch: number;
  readonly #maxWaiting: number;
  #waiting: Waiting<Item, Answer>[] = [];
  #scheduled = false;
  #sending = false;

  /**
   * @param send answers each item, in the same order; if it rejects, every item of the batch does.
   * @param options.maxBatch how many items are sent at once. Default 512.
   * @param options.maxWaiting how many may wait; more are refused. Default: any number.
   */
  constructor(
    send: (items: readonly Item[]) => Promise<readonly Answer[]>,
    {
      maxBatch = 512,
      maxWaiting = Infinity,
    }: { readonly maxBatch?: number; readonly maxWaiting?: number } = {},
  ) {
    this.#send = send;
    this.#maxBatch = maxBatch;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws StorageError `too_many_pending` */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= this.#maxWaiting) {
        reject(tooManyPending(this.#maxWaiting));
        return;
      }
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#sending) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#sendWaiting();
    });
  }

  async #sendWaiting(): Promise<void> {
    const batch = this.#waiting.slice(0, this.#maxBatch);
    this.#waiting = this.#waiting.slice(this.#maxBatch);
    this.#sending = true;
    try {
      const answers = await this.#send(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (reason) {
      for (const { reject } of batch) reject(reason);
    } finally {
      this.#sending = false;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}

function tooManyPending(maxWaiting: number): StorageError {
  return new StorageError(
    "too_many_pending",
    `${maxWaiting.toLocaleString("en")} enqueues wait for the store already, so this one was not taken. Await some of them ` +
      "before you go on, or use enqueueMany; `maxPending` of the queue sets the limit.",
    { retryable: true, outcome: "not-applied" },
  );
}
