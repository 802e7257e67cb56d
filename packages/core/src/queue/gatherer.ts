import { StorageError } from "../errors/storage-error.ts";
import { fitting } from "../storage/fitting.ts";

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** Fewer items than this are not worth a batch of their own beside another. */
const LEAST_SHARE = 16;

/**
 * Gathers concurrent calls into batches. Items added at once, or while batches are under way, are sent together; each
 * caller's promise settles once its own item is done, and what is refused for good is so for its own sake alone.
 *
 * The first batch of a turn of the event loop goes as soon as the code that adds to it has run, which a single caller is
 * quicker by; what is added afterwards waits for the end of the turn. Where sending takes up the turn itself, as with a
 * synchronous driver, every batch waits: others of the turn had better go along.
 *
 * One batch is under way at a time, or two where the other side takes them in turn: then this process makes the next
 * while that one is at work, and many items are parted among the two.
 */
export class Gatherer<Item, Answer> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #maxBatch: number;
  readonly #maxWaiting: number;
  readonly #lanes: number;
  readonly #lengthOf: (item: Item) => number;
  #waiting: Waiting<Item, Answer>[] = [];
  readonly #underWay: (readonly Waiting<Item, Answer>[])[] = [];
  readonly #afterBatch: (() => void)[] = [];
  #scheduled = false;
  /** Counted where something is sent, and the turn of the event loop in which that last was. */
  #turn = 0;
  #sentIn = -1;
  /** Whether the last batch that was answered was so in the turn in which it was sent. */
  #takesTurns = false;

  /**
   * @param send answers each item, in the same order; if it rejects, every item of the batch does.
   * @param options.maxBatch how many items are sent at once. Default 512.
   * @param options.maxWaiting how many may wait; more are refused. Default: any number.
   * @param options.lanes how many batches may be under way at once. Default 1.
   * @param options.lengthOf the characters of an item: those of a batch are bounded, unless one item has more.
   */
  constructor(
    send: (items: readonly Item[]) => Promise<readonly Answer[]>,
    {
      maxBatch = 512,
      maxWaiting = Infinity,
      lanes = 1,
      lengthOf = () => 0,
    }: {
      readonly maxBatch?: number;
      readonly maxWaiting?: number;
      readonly lanes?: number;
      readonly lengthOf?: (item: Item) => number;
    } = {},
  ) {
    this.#send = send;
    this.#maxBatch = maxBatch;
    this.#maxWaiting = maxWaiting;
    this.#lanes = lanes;
    this.#lengthOf = lengthOf;
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

  /** Resolves once all that was added so far has been answered; what is added meanwhile is not waited for. */
  async flush(): Promise<void> {
    const last = this.#waiting.at(-1);
    await this.#until(() => last === undefined || !this.#waiting.includes(last));
    const underWay = [...this.#underWay];
    await this.#until(() => !underWay.some((batch) => this.#underWay.includes(batch)));
  }

  /** Asked after each batch. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#afterBatch.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay.length === this.#lanes) return;
    this.#scheduled = true;
    if (this.#turn !== this.#sentIn && !this.#takesTurns) queueMicrotask(this.#sendAll);
    else setImmediate(this.#sendAll);
  }

  readonly #sendAll = (): void => {
    this.#scheduled = false;
    this.#sentIn = this.#turn;
    setImmediate(this.#beginTurn);
    while (this.#waiting.length > 0 && this.#underWay.length < this.#lanes) void this.#sendWaiting();
  };

  readonly #beginTurn = (): void => {
    this.#turn++;
  };

  async #sendWaiting(): Promise<void> {
    const share = Math.ceil(this.#waiting.length / (this.#lanes - this.#underWay.length));
    const most = Math.min(Math.max(share, LEAST_SHARE), this.#maxBatch);
    const size = fitting(this.#waiting, ({ item }) => this.#lengthOf(item), most);
    const batch = this.#waiting.slice(0, size);
    this.#waiting = this.#waiting.slice(size);
    this.#underWay.push(batch);
    const turn = this.#turn;
    try {
      const answers = await this.#send(batch.map(({ item }) => item));
      this.#takesTurns = turn === this.#turn;
      resolveAll(batch, answers);
    } catch (reason) {
      await this.#refuse(batch, reason);
    } finally {
      this.#underWay.splice(this.#underWay.indexOf(batch), 1);
      if (this.#waiting.length > 0) this.#schedule();
      if (this.#afterBatch.length > 0) for (const resolve of this.#afterBatch.splice(0)) resolve();
    }
  }

  /** What is refused for good is sent in halves: it may be for one item that is none of the others'. */
  async #refuse(batch: readonly Waiting<Item, Answer>[], reason: unknown): Promise<void> {
    if (batch.length === 1 || !isRefusal(reason)) {
      for (const { reject } of batch) reject(reason);
      return;
    }
    const half = Math.ceil(batch.length / 2);
    for (const part of [batch.slice(0, half), batch.slice(half)]) {
      try {
        resolveAll(part, await this.#send(part.map(({ item }) => item)));
      } catch (again) {
        await this.#refuse(part, again);
      }
    }
  }
}

function resolveAll<Item, Answer>(batch: readonly Waiting<Item, Answer>[], answers: readonly Answer[]): void {
  batch.forEach(({ resolve }, index) => resolve(answers[index] as Answer));
}

/** Whether nothing came of a batch, and nothing would if it were sent again. */
function isRefusal(reason: unknown): boolean {
  return reason instanceof StorageError && !reason.retryable && reason.outcome === "not-applied";
}

function tooManyPending(maxWaiting: number): StorageError {
  return new StorageError(
    "too_many_pending",
    `${maxWaiting.toLocaleString("en")} enqueues wait for the store already, so this one was not taken. Await some of them ` +
      "before you go on, or use enqueueMany; `maxPending` of the queue sets the limit.",
    { retryable: true, outcome: "not-applied" },
  );
}
