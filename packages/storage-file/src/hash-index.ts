import { crc32 } from "node:zlib";

/** About so many hashes share a way in. */
const BUCKET = 16;

/** The hash of an id, of 32 bits. */
export function hashOf(id: string): number {
  return crc32(id);
}

/**
 * Where a hash stands among many in ascending order. Hashes are spread evenly, so that a table of where each range of them
 * begins leaves a few to look at: every new task is looked for in every archive.
 */
export class HashIndex {
  readonly #hashes: Uint32Array;
  readonly #width: number;
  readonly #starts: Uint32Array;

  constructor(hashes: Uint32Array) {
    const buckets = Math.max(1, Math.ceil(hashes.length / BUCKET));
    this.#hashes = hashes;
    this.#width = 2 ** 32 / buckets;
    this.#starts = new Uint32Array(buckets + 1);
    let bucket = 0;
    for (let place = 0; place < hashes.length; place++)
      while (bucket < this.#bucketOf(hashes[place] as number)) this.#starts[++bucket] = place;
    this.#starts.fill(hashes.length, bucket + 1);
  }

  /** The first place of a hash; -1 where it is not there. */
  placeOf(hash: number): number {
    const bucket = this.#bucketOf(hash);
    const end = this.#starts[bucket + 1] as number;
    for (let place = this.#starts[bucket] as number; place < end; place++)
      if (this.#hashes[place] === hash) return place;
    return -1;
  }

  #bucketOf(hash: number): number {
    return Math.floor(hash / this.#width);
  }
}
