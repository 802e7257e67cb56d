import { grown } from "@omniq/storage-memory";
import { placeOf } from "./archive-columns.ts";

/** So few that have gone are not worth leaving out. */
const LEAST_GONE = 1024;

/** Slots in the order of enqueueing. New ones mostly come at the end; those that have gone stay until they are many. */
export class EnqueueOrder {
  /** The sequence of what is in a slot; another number where nothing is. */
  readonly #sequenceOf: (slot: number) => number;
  #slots = new Uint32Array(0);
  #sequences = new Float64Array(0);
  #count = 0;
  #gone = 0;
  #isSorted = true;

  constructor(sequenceOf: (slot: number) => number) {
    this.#sequenceOf = sequenceOf;
  }

  add(slot: number, sequence: number): void {
    if (this.#count === this.#slots.length) {
      this.#slots = grown(this.#slots, this.#count);
      this.#sequences = grown(this.#sequences, this.#count);
    }
    if (this.#count > 0) this.#isSorted &&= sequence > (this.#sequences[this.#count - 1] as number);
    this.#slots[this.#count] = slot;
    this.#sequences[this.#count] = sequence;
    this.#count++;
  }

  /** To be told once what is in a slot has gone. */
  lost(): void {
    this.#gone++;
    if (this.#gone >= LEAST_GONE && this.#gone * 2 > this.#count) this.#settle();
  }

  clear(): void {
    this.#count = 0;
    this.#gone = 0;
    this.#isSorted = true;
  }

  *after(sequence: number): Generator<number> {
    if (!this.#isSorted) this.#settle();
    for (
      let place = placeOf(this.#sequences.subarray(0, this.#count), sequence + 1);
      place < this.#count;
      place++
    ) {
      if (this.#isLeft(place)) yield this.#slots[place] as number;
    }
  }

  #isLeft(place: number): boolean {
    return this.#sequenceOf(this.#slots[place] as number) === this.#sequences[place];
  }

  /** Leaves out what has gone, and sorts the rest. */
  #settle(): void {
    const [slots, sequences] = [this.#slots, this.#sequences];
    const places = new Uint32Array(this.#count).map((_none, place) => place);
    const left = places.filter((place) => this.#isLeft(place));
    if (!this.#isSorted) left.sort((a, b) => (sequences[a] as number) - (sequences[b] as number));
    this.clear();
    this.#slots = new Uint32Array(left.length);
    this.#sequences = new Float64Array(left.length);
    for (const place of left) {
      const sequence = sequences[place] as number;
      // What came back in its old slot is there twice.
      if (this.#count === 0 || sequence !== this.#sequences[this.#count - 1])
        this.add(slots[place] as number, sequence);
    }
  }
}
