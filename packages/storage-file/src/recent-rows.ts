import type { SequencedTask as Row } from "@omniq/core/storage";

/** More than most claims take, and so few that they do not make the garbage collector's young generation grow. */
const MOST = 128;

/**
 * The last few rows as objects, by slot, each as long as no other takes its place: what was read or written is mostly
 * written next. It is no map. A map makes a new table every so often and leads from the old one to the new, so that of the
 * tables that it has left behind one keeps the next alive, and all that is in them, until the whole heap is collected.
 */
export class RecentRows {
  readonly #rows: (Row | null)[] = Array.from({ length: MOST }, () => null);
  readonly #slots = new Uint32Array(MOST);

  get(slot: number): Row | null {
    const place = slot % MOST;
    return this.#slots[place] === slot ? (this.#rows[place] as Row | null) : null;
  }

  keep(slot: number, row: Row): Row {
    const place = slot % MOST;
    this.#slots[place] = slot;
    this.#rows[place] = row;
    return row;
  }
}
