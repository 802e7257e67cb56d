/** A number in [0, 1), as `Math.random` gives. Jitter comes from here, so that a test can fix it. */
export type Random = () => number;

/** The engine's generator; not for secrets. */
export const systemRandom: Random = () => Math.random();
