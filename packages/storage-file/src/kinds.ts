import type { Kind } from "@omniq/storage-memory";

/** A number for each kind of task. */
export class Kinds {
  /** By their numbers; null stands for tasks that cannot be read. */
  readonly all: (Kind | null)[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(kind: Kind | null): number {
    const key = kind === null ? "" : `${kind.status} ${kind.queue.length} ${kind.queue}${kind.name}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      // The row that it may come with is not to be kept.
      number = this.all.push(kind && { queue: kind.queue, name: kind.name, status: kind.status }) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}
