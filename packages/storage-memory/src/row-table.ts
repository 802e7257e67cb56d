import { type SequencedTask as Row, isFinished } from "@omniq/core/storage";

/** What tasks are counted and filtered by. */
export type Kind = Pick<Row, "queue" | "name" | "status">;

/** Where a database keeps its rows, each in a slot: a number that is its own for as long as it is there. */
export interface RowTable {
  readonly size: number;
  slotOf(id: string): number | undefined;
  read(slot: number): Row;
  /** Stores a row in the place of the one with its id, or in a new slot, and answers which. */
  put(row: Row): number;
  remove(slot: number): void;
  clear(): void;
  idOf(slot: number): string;
  kindOf(slot: number): Kind;
  sequenceOf(slot: number): number;
  /** What {@link instantOf} says of the row. */
  instantOf(slot: number): number;
  /** The slots of the tasks after a place in the order of enqueueing, in that order. */
  after(sequence: number): Iterable<number>;
}

/** What the tasks of a status stand in order by: when one may be claimed, when its lease is over, when it finished. */
export function instantOf({ status, eta, leaseUntil, finishedAt }: Row): number {
  if (status === "RUNNING") return leaseUntil as number;
  return isFinished(status) ? (finishedAt ?? eta) : eta;
}

/** Rows as the objects that they are. */
export class ObjectRows implements RowTable {
  readonly #slots = new Map<string, number>();
  readonly #rows: (Row | undefined)[] = [];
  readonly #free: number[] = [];
  /** The highest sequence among the rows, while they stand in the order of enqueueing; else null. */
  #highest: number | null = 0;

  get size(): number {
    return this.#slots.size;
  }

  slotOf(id: string): number | undefined {
    return this.#slots.get(id);
  }

  read(slot: number): Row {
    return this.#rows[slot] as Row;
  }

  put(row: Row): number {
    const slot = this.#slots.get(row.id) ?? this.#add(row);
    this.#rows[slot] = row;
    return slot;
  }

  remove(slot: number): void {
    this.#slots.delete(this.idOf(slot));
    this.#rows[slot] = undefined;
    this.#free.push(slot);
  }

  clear(): void {
    this.#slots.clear();
    this.#rows.length = 0;
    this.#free.length = 0;
    this.#highest = 0;
  }

  idOf(slot: number): string {
    return this.read(slot).id;
  }

  kindOf(slot: number): Kind {
    return this.read(slot);
  }

  sequenceOf(slot: number): number {
    return this.read(slot).sequence;
  }

  instantOf(slot: number): number {
    return instantOf(this.read(slot));
  }

  *after(sequence: number): Generator<number> {
    this.#sort();
    for (const slot of this.#slots.values()) if (this.sequenceOf(slot) > sequence) yield slot;
  }

  #add({ id, sequence }: Row): number {
    const slot = this.#free.pop() ?? this.#rows.length;
    this.#slots.set(id, slot);
    if (this.#highest !== null) this.#highest = sequence < this.#highest ? null : sequence;
    return slot;
  }

  #sort(): void {
    if (this.#highest !== null) return;
    const slots = [...this.#slots].sort(([, a], [, b]) => this.sequenceOf(a) - this.sequenceOf(b));
    this.#slots.clear();
    for (const [id, slot] of slots) this.#slots.set(id, slot);
    const last = slots.at(-1);
    this.#highest = last ? this.sequenceOf(last[1]) : 0;
  }
}
