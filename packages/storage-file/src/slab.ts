import { grown } from "@omniq/storage-memory";

/** What stands before a text: its slot, the bytes of its key, and its own. */
const HEAD_BYTES = 12;
/** A chunk is as large as all before it together, between these two. */
const LEAST_CHUNK = 64 * 1024;
const MOST_CHUNK = 256 * 1024;
/** A place is the number of a chunk, so many times, and where in it. */
const SPAN = 2 ** 32;
const NOWHERE = -1;

/** Texts and their keys, by slot. */
export interface Texts {
  keyOf(slot: number): string;
  textOf(slot: number): string;
}

interface Chunk {
  readonly number: number;
  readonly bytes: Buffer;
  /** Where the next text goes, and how many bytes are of texts that are still there. */
  end: number;
  live: number;
}

/**
 * Texts with their keys, by slot, as bytes: the garbage collector need not look at them, nor copy them while it finds out
 * that they stay. What is written stays as it is for whoever has frozen it; a chunk goes as a whole, once what is left of
 * it has been copied elsewhere.
 */
export class Slab implements Texts {
  readonly #chunks: (Chunk | null)[] = [];
  #places = new Float64Array(0);
  #current: Chunk | null = null;
  #size = 0;
  #live = 0;

  /** How many bytes the chunks take. */
  get bytes(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    return this.#placeOf(slot) !== NOWHERE;
  }

  keyOf(slot: number): string {
    return keyAt(this.#placeOf(slot), this.#chunks);
  }

  textOf(slot: number): string {
    return textAt(this.#placeOf(slot), this.#chunks);
  }

  put(slot: number, key: string, text: string): void {
    if (slot >= this.#places.length) this.#places = grown(this.#places, slot, NOWHERE);
    this.remove(slot);
    this.#places[slot] = this.#write(slot, key, text);
    this.#tidy();
  }

  remove(slot: number): void {
    const place = this.#placeOf(slot);
    if (place === NOWHERE) return;
    this.#places[slot] = NOWHERE;
    const chunk = this.#chunks[chunkOf(place)] as Chunk;
    const length = lengthAt(chunk.bytes, place % SPAN);
    chunk.live -= length;
    this.#live -= length;
    if (chunk !== this.#current) this.#letGoIfEmpty(chunk);
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#places.fill(NOWHERE);
    this.#current = null;
    this.#size = 0;
    this.#live = 0;
  }

  /** The texts as they are now, whatever becomes of them. */
  freeze(): Texts {
    const places = this.#places.slice();
    const chunks = [...this.#chunks];
    return {
      keyOf: (slot) => keyAt(places[slot] as number, chunks),
      textOf: (slot) => textAt(places[slot] as number, chunks),
    };
  }

  #placeOf(slot: number): number {
    return this.#places[slot] ?? NOWHERE;
  }

  #write(slot: number, key: string, text: string): number {
    // No character takes more than three bytes; they are counted only where that might not fit.
    let chunk = this.#roomFor(HEAD_BYTES + 3 * (key.length + text.length));
    chunk ??= this.#chunkFor(HEAD_BYTES + Buffer.byteLength(key) + Buffer.byteLength(text));
    const { bytes, end } = chunk;
    const keyBytes = bytes.write(key, end + HEAD_BYTES);
    const textBytes = bytes.write(text, end + HEAD_BYTES + keyBytes);
    bytes.writeUInt32LE(slot, end);
    bytes.writeUInt32LE(keyBytes, end + 4);
    bytes.writeUInt32LE(textBytes, end + 8);
    return this.#took(chunk, HEAD_BYTES + keyBytes + textBytes);
  }

  /** Counts what was written at the end of a chunk, and answers its place. */
  #took(chunk: Chunk, length: number): number {
    const place = chunk.number * SPAN + chunk.end;
    chunk.end += length;
    chunk.live += length;
    this.#live += length;
    return place;
  }

  /** The chunk that is being filled, if it has room for so many bytes. */
  #roomFor(bytes: number): Chunk | null {
    const chunk = this.#current;
    return chunk && chunk.bytes.length - chunk.end >= bytes ? chunk : null;
  }

  #chunkFor(bytes: number): Chunk {
    const open = this.#roomFor(bytes);
    if (open) return open;
    const full = this.#current;
    if (full) this.#letGoIfEmpty(full);
    const free = this.#chunks.indexOf(null);
    const number = free < 0 ? this.#chunks.length : free;
    const length = Math.max(bytes, Math.min(Math.max(this.#size, LEAST_CHUNK), MOST_CHUNK));
    const chunk: Chunk = { number, bytes: Buffer.allocUnsafeSlow(length), end: 0, live: 0 };
    this.#chunks[number] = chunk;
    this.#current = chunk;
    this.#size += length;
    return chunk;
  }

  #letGoIfEmpty({ number, bytes, live }: Chunk): void {
    if (live > 0) return;
    this.#chunks[number] = null;
    this.#size -= bytes.length;
  }

  /** Where a third is not used, the emptiest chunk is emptied. */
  #tidy(): void {
    if (this.#size < 1.5 * this.#live + 2 * MOST_CHUNK) return;
    let emptiest: Chunk | null = null;
    for (const chunk of this.#chunks) {
      if (!chunk || chunk === this.#current) continue;
      if (!emptiest || chunk.live / chunk.bytes.length < emptiest.live / emptiest.bytes.length)
        emptiest = chunk;
    }
    if (emptiest) this.#empty(emptiest);
  }

  #empty(chunk: Chunk): void {
    const { number, bytes, end } = chunk;
    for (let at = 0, length = 0; at < end; at += length) {
      length = lengthAt(bytes, at);
      const slot = bytes.readUInt32LE(at);
      if (this.#placeOf(slot) !== number * SPAN + at) continue;
      const other = this.#chunkFor(length);
      bytes.copy(other.bytes, other.end, at, at + length);
      this.#places[slot] = this.#took(other, length);
      chunk.live -= length;
      this.#live -= length;
    }
    this.#letGoIfEmpty(chunk);
  }
}

function chunkOf(place: number): number {
  return Math.floor(place / SPAN);
}

function keyAt(place: number, chunks: readonly (Chunk | null)[]): string {
  const { bytes } = chunks[chunkOf(place)] as Chunk;
  const at = place % SPAN;
  const start = at + HEAD_BYTES;
  return bytes.toString("utf8", start, start + bytes.readUInt32LE(at + 4));
}

function textAt(place: number, chunks: readonly (Chunk | null)[]): string {
  const { bytes } = chunks[chunkOf(place)] as Chunk;
  const at = place % SPAN;
  const start = at + HEAD_BYTES + bytes.readUInt32LE(at + 4);
  return bytes.toString("utf8", start, start + bytes.readUInt32LE(at + 8));
}

function lengthAt(bytes: Buffer, at: number): number {
  return HEAD_BYTES + bytes.readUInt32LE(at + 4) + bytes.readUInt32LE(at + 8);
}
