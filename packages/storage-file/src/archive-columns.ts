import type { Kind, TaskFilter } from "@omniq/storage-memory";
import type { Archived } from "./archived-line.ts";
import { hashOf } from "./hash-index.ts";
import { Kinds } from "./kinds.ts";

/** The most tasks of an archive: a number of so many bits, and one of 32 beside it, are exact in a double. */
export const MOST_TASKS = 2 ** 21;

/**
 * What is kept in memory of the tasks of an archive, in the order of enqueueing: 44 bytes each. The rest is read from the
 * file when somebody asks for it.
 */
export interface Columns {
  /** By the numbers in `kind`; null for tasks that cannot be read. */
  readonly kinds: readonly (Kind | null)[];
  readonly kind: Uint32Array;
  readonly sequence: Float64Array;
  /** Where each line begins; one more says where the last ends. */
  readonly offset: Float64Array;
  readonly finishedAt: Float64Array;
  /** When the result's time is over; infinite where it never is. */
  readonly expiresAt: Float64Array;
  /** The CRC-32 of the ids in ascending order, and whose each is. */
  readonly hash: Uint32Array;
  readonly ordinal: Uint32Array;
}

/** Which of the kinds a filter lets through. */
export function kindsAmong(kinds: Columns["kinds"], filter: TaskFilter): readonly boolean[] {
  return kinds.map(
    (kind) =>
      kind !== null &&
      (filter.queue === null || filter.queue === kind.queue) &&
      (filter.status === null || filter.status === kind.status) &&
      (filter.name === null || filter.name === kind.name),
  );
}

/** The first place that is not below a number, in ascending ones. */
export function placeOf(numbers: Float64Array, number: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Builds columns up, task by task. */
export class ColumnsBuilder {
  readonly #kinds = new Kinds();
  readonly #kind: Uint32Array<ArrayBuffer>;
  readonly #sequence: Float64Array<ArrayBuffer>;
  readonly #offset: Float64Array<ArrayBuffer>;
  readonly #finishedAt: Float64Array<ArrayBuffer>;
  readonly #expiresAt: Float64Array<ArrayBuffer>;
  /** Hash and ordinal in one, so that they can be sorted as numbers. */
  readonly #keys: Float64Array<ArrayBuffer>;
  #count = 0;

  constructor(most: number) {
    this.#kind = new Uint32Array(most);
    this.#sequence = new Float64Array(most);
    this.#offset = new Float64Array(most + 1);
    this.#finishedAt = new Float64Array(most);
    this.#expiresAt = new Float64Array(most);
    this.#keys = new Float64Array(most);
  }

  get count(): number {
    return this.#count;
  }

  /** Where the next line begins. */
  get end(): number {
    return this.#offset[this.#count] as number;
  }

  /** @param bytes the length of its line, with the line feed */
  add({ task, result }: Archived, bytes: number): void {
    const { id, queue, name, status, sequence, finishedAt } = task;
    const expiresAt = result?.expiresAt ?? Number.POSITIVE_INFINITY;
    this.#add({ queue, name, status }, hashOf(id), sequence, finishedAt as number, expiresAt, bytes);
  }

  /** A task whose line cannot be read. */
  addUnreadable(id: string | undefined, bytes: number): void {
    const never = Number.POSITIVE_INFINITY;
    const sequence = this.#sequence[this.#count - 1] ?? 0;
    this.#add(null, id === undefined ? 0 : hashOf(id), sequence, never, never, bytes);
  }

  /** A task as another archive has it. */
  addFrom(columns: Columns, ordinal: number, hash: number): void {
    const kind = columns.kinds[columns.kind[ordinal] as number] ?? null;
    const [sequence, finishedAt, expiresAt] = [columns.sequence, columns.finishedAt, columns.expiresAt];
    const bytes = (columns.offset[ordinal + 1] as number) - (columns.offset[ordinal] as number);
    this.#add(
      kind,
      hash,
      sequence[ordinal] as number,
      finishedAt[ordinal] as number,
      expiresAt[ordinal] as number,
      bytes,
    );
  }

  build(): Columns {
    const count = this.#count;
    const keys = this.#keys.subarray(0, count).sort();
    const cut = (column: Float64Array<ArrayBuffer>): Float64Array => column.slice(0, count);
    return {
      kinds: this.#kinds.all,
      kind: this.#kind.slice(0, count),
      sequence: cut(this.#sequence),
      offset: this.#offset.slice(0, count + 1),
      finishedAt: cut(this.#finishedAt),
      expiresAt: cut(this.#expiresAt),
      hash: Uint32Array.from(keys, (key) => Math.floor(key / MOST_TASKS)),
      ordinal: Uint32Array.from(keys, (key) => key % MOST_TASKS),
    };
  }

  #add(
    kind: Kind | null,
    hash: number,
    sequence: number,
    finishedAt: number,
    expiresAt: number,
    bytes: number,
  ): void {
    const at = this.#count++;
    this.#kind[at] = this.#kinds.numberOf(kind);
    this.#sequence[at] = sequence;
    this.#finishedAt[at] = finishedAt;
    this.#expiresAt[at] = expiresAt;
    this.#keys[at] = hash * MOST_TASKS + at;
    this.#offset[at + 1] = (this.#offset[at] as number) + bytes;
  }
}
