import type { SequencedTask as Row } from "@omniq/core/storage";

/** More than most claims take, and so few that they do not make the garbage collector's young generation grow. */
const MOST = 128;

/**
 * The last few rows as objects, by slot, each as long as no other takes its place: what was read or written is mostly
 * written next. Those that were put are to be written as text only once one of them has to go, and then all of them: so a
 * task that is claimed and settled is written once, and who enqueues one task does not wait for it.
 *
 * It is no map. A map makes a new table every so often and leads from the old one to the new, so that of the tables that it
 * has left behind one keeps the next alive, and all that is in them, until the whole heap is collected.
 */
export class RecentRows {
  readonly #write: (slot: number, row: Row) => void;
  readonly #rows: (Row | null)[] = Array.from({ length: MOST }, () => null);
  readonly #slots = new Uint32Array(MOST);
  /** Whether the row in a place is yet to be written. */
  readonly #isNew = new Uint8Array(MOST);

  constructor(write: (slot: number, row: Row) => void) {
    this.#write = write;
  }

  get(slot: number): Row | null {
    const place = slot % MOST;
    return this.#slots[place] === slot ? (this.#rows[place] as Row | null) : null;
  }

  /** Keeps a row that was read. */
  keep(slot: number, row: Row): Row {
    return this.#set(slot, row, 0);
  }

  /** Keeps a row until it is written. */
  put(slot: number, row: Row): void {
    this.#set(slot, row, 1);
  }

  forget(slot: number): void {
    if (this.get(slot)) this.#set(slot, null, 0);
  }

  clear(): void {
    this.#rows.fill(null);
    this.#isNew.fill(0);
  }

  /** Writes all that is yet to be written. */
  flush(): void {
    for (let place = 0; place < MOST; place++) {
      if (this.#isNew[place] === 0) continue;
      this.#isNew[place] = 0;
      this.#write(this.#slots[place] as number, this.#rows[place] as Row);
    }
  }

  #set<T extends Row | null>(slot: number, row: T, isNew: 0 | 1): T {
    const place = slot % MOST;
    if (this.#isNew[place] === 1 && this.#slots[place] !== slot) this.flush();
    this.#slots[place] = slot;
    this.#rows[place] = row;
    this.#isNew[place] = isNew;
    return row;
  }
}
