import type { Kind } from "@omniq/storage-memory";

/** A number for each kind of task. */
export class Kinds {
  /** By their numbers; null stands for tasks that cannot be read. */
  readonly all: (Kind | null)[] = [];
  readonly #numbers = new Map<string, number>();
  /** The kind that was asked for last: most tasks are like the one before. */
  #last: Kind | null = null;
  #lastNumber = 0;

  numberOf(kind: Kind | null): number {
    const last = this.#last;
    if (kind && last && kind.status === last.status && kind.queue === last.queue && kind.name === last.name)
      return this.#lastNumber;
    const key = kind === null ? "" : `${kind.status} ${kind.queue.length} ${kind.queue}${kind.name}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      // The row that it may come with is not to be kept.
      number = this.all.push(kind && { queue: kind.queue, name: kind.name, status: kind.status }) - 1;
      this.#numbers.set(key, number);
    }
    this.#last = this.all[number] as Kind | null;
    this.#lastNumber = number;
    return number;
  }
}
