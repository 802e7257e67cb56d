import { grown } from "@omniq/storage-memory";
import { Slab, type Texts } from "./slab.ts";

const LEAST_PLACES = 1024;

/**
 * Texts by key, each in a slot that is its own for as long as it is there. What is kept of one in the heap is nothing: the
 * texts are in a slab, and a hash table of numbers leads to them.
 */
export class TextTable implements Texts {
  readonly #slab = new Slab();
  readonly #unwrittenKey: (slot: number) => string | undefined;
  /** The hash of the key in each slot. */
  #hashes = new Uint32Array(0);
  /** By hash, or in the places that follow: slots and 1; 0 where there is none. At most half are taken. */
  #slots = new Uint32Array(LEAST_PLACES);
  /** Which change it was that made the text in each slot what it is. */
  #marks = new Float64Array(0);
  #changes = 0;
  readonly #free: number[] = [];
  /** How many slots there are, free or not. */
  #count = 0;
  #size = 0;
  /** The key that was last looked for, its hash, and its slot: one is looked for several times in a row. */
  #lastKey: string | null = null;
  #lastHash = 0;
  #lastSlot: number | undefined;

  /** @param unwrittenKey the key of a slot whose text is yet to be written */
  constructor(unwrittenKey: (slot: number) => string | undefined = () => undefined) {
    this.#unwrittenKey = unwrittenKey;
  }

  get size(): number {
    return this.#size;
  }

  /** How many bytes the texts take, and what is free between them. */
  get bytes(): number {
    return this.#slab.bytes;
  }

  /** One more than the highest slot that was ever given. */
  get end(): number {
    return this.#count;
  }

  slotOf(key: string): number | undefined {
    if (key === this.#lastKey) return this.#lastSlot;
    this.#lastKey = key;
    this.#lastHash = hashOf(key);
    this.#lastSlot = this.#find(key, this.#lastHash);
    return this.#lastSlot;
  }

  has(slot: number): boolean {
    return this.#slab.has(slot);
  }

  keyOf(slot: number): string {
    return this.#slab.keyOf(slot);
  }

  /** A number that no other text has had here, also where all was removed and is put anew; 0 where a slot is free. */
  markOf(slot: number): number {
    return this.#marks[slot] as number;
  }

  textOf(slot: number): string {
    return this.#slab.textOf(slot);
  }

  /** Stores a text in the place of the one with its key, or in a new slot, and answers which. */
  put(key: string, text: string): number {
    const slot = this.touch(key);
    this.write(slot, key, text);
    return slot;
  }

  /** The same, where the key is free. */
  add(key: string, text: string): number {
    this.#lastKey = key;
    this.#lastHash = hashOf(key);
    const slot = this.#touched(this.#add(this.#lastHash));
    this.write(slot, key, text);
    return slot;
  }

  /** The slot of a key, or a new one, whose text has changed and is yet to be written. */
  touch(key: string): number {
    return this.#touched(this.slotOf(key) ?? this.#add(this.#lastHash));
  }

  write(slot: number, key: string, text: string): void {
    this.#slab.put(slot, key, text);
  }

  remove(slot: number): void {
    this.#leave(slot);
    this.#slab.remove(slot);
    this.#marks[slot] = 0;
    this.#free.push(slot);
    this.#size--;
    this.#lastKey = null;
  }

  clear(): void {
    this.#slab.clear();
    this.#marks.fill(0);
    this.#slots = new Uint32Array(LEAST_PLACES);
    this.#free.length = 0;
    this.#count = 0;
    this.#size = 0;
    this.#lastKey = null;
  }

  /** The texts as they are now, whatever becomes of them. */
  freeze(): Texts {
    return this.#slab.freeze();
  }

  /** @param slot of the key that was last looked for */
  #touched(slot: number): number {
    this.#lastSlot = slot;
    this.#marks[slot] = ++this.#changes;
    return slot;
  }

  #find(key: string, hash: number): number | undefined {
    for (let place = hash; ; place++) {
      const slot = this.#slotAt(place);
      if (slot < 0) return undefined;
      if (this.#hashes[slot] === hash && this.#isKeyOf(slot, key)) return slot;
    }
  }

  #isKeyOf(slot: number, key: string): boolean {
    return key === (this.#slab.has(slot) ? this.#slab.keyOf(slot) : this.#unwrittenKey(slot));
  }

  #slotAt(place: number): number {
    return (this.#slots[place & (this.#slots.length - 1)] as number) - 1;
  }

  #add(hash: number): number {
    const slot = this.#free.pop() ?? this.#count++;
    if (slot >= this.#hashes.length) {
      this.#hashes = grown(this.#hashes, slot);
      this.#marks = grown(this.#marks, slot);
    }
    this.#hashes[slot] = hash;
    this.#size++;
    if (this.#size * 2 > this.#slots.length) this.#spread();
    this.#enter(slot);
    return slot;
  }

  #enter(slot: number): void {
    let place = this.#hashes[slot] as number;
    while (this.#slotAt(place) >= 0) place++;
    this.#slots[place & (this.#slots.length - 1)] = slot + 1;
  }

  /** Twice as many places. The slot that is being added is not among those there are. */
  #spread(): void {
    const slots = this.#slots;
    this.#slots = new Uint32Array(2 * slots.length);
    for (let place = 0; place < slots.length; place++)
      if (slots[place] !== 0) this.#enter((slots[place] as number) - 1);
  }

  /** What follows moves up, so that the way to it has no gap. */
  #leave(slot: number): void {
    const mask = this.#slots.length - 1;
    let gap = this.#hashes[slot] as number;
    while (this.#slotAt(gap) !== slot) gap++;
    for (let place = gap + 1; this.#slotAt(place) >= 0; place++) {
      const home = this.#hashes[this.#slotAt(place)] as number;
      if (((place - home) & mask) < ((place - gap) & mask)) continue;
      this.#slots[gap & mask] = this.#slots[place & mask] as number;
      gap = place;
    }
    this.#slots[gap & mask] = 0;
  }
}

/** FNV-1a, of UTF-16 units. Whatever leaves JavaScript takes several times as long. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
