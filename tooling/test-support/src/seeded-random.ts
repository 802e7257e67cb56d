/** Numbers from 0 to 1, of a seed that is printed and that `OMNIQ_SEED` repeats. */
export function seededRandom(): () => number {
  const seed = Number(process.env["OMNIQ_SEED"] ?? Math.floor(Math.random() * 1_000_000));
  process.stdout.write(`seed ${seed} (OMNIQ_SEED repeats it)\n`);
  return randomOf(seed);
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
