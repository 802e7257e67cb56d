import { randomFillSync } from "node:crypto";
import { v7 } from "uuid";

/** Mints task and worker ids. Ids must be unique across processes and hosts. */
export type IdSource = () => string;

const RANDOM_BYTES = 16;
const pool = new Uint8Array(256 * RANDOM_BYTES);
let used = pool.length;

/** Random bytes, drawn from the system many ids at a time: a draw for each would cost more than all the rest. */
function pooledRandom(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += RANDOM_BYTES;
  return pool.slice(used - RANDOM_BYTES, used);
}

/** UUID version 7: unique anywhere; ids of later milliseconds sort after earlier ones. */
export const uuidV7: IdSource = () => v7({ rng: pooledRandom });
