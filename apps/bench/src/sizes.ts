/** How many tasks each workload has. */
export interface Sizes {
  readonly sequential: number;
  readonly concurrent: number;
  readonly bulk: number;
  readonly drainOne: number;
  readonly drain: number;
  readonly latencies: number;
  /** How many wait in W5, in turn; the second is what the others are compared with. */
  readonly waiting: readonly number[];
  /** How many have finished in W5. */
  readonly finished: readonly number[];
  /** How many of those that wait are run in W5. */
  readonly grown: number;
  readonly atRest: number;
  readonly crash: number;
  readonly logged: number;
  /** How many wait in W9, so that the drain outlasts the calls; and how many calls are made. */
  readonly besides: number;
  readonly beside: number;
  readonly errors: number;
}

export const FULL: Sizes = {
  sequential: 10_000,
  concurrent: 10_000,
  bulk: 20_000,
  drainOne: 20_000,
  drain: 20_000,
  latencies: 1000,
  waiting: [1000, 10_000, 100_000, 1_000_000],
  finished: [100_000, 1_000_000],
  grown: 10_000,
  atRest: 20_000,
  crash: 1000,
  logged: 20_000,
  besides: 100_000,
  beside: 1000,
  errors: 10_000,
};

export const SHORT: Sizes = {
  sequential: 2000,
  concurrent: 10_000,
  bulk: 20_000,
  drainOne: 5000,
  drain: 20_000,
  latencies: 100,
  waiting: [1000, 10_000, 100_000],
  finished: [100_000],
  grown: 10_000,
  atRest: 10_000,
  crash: 1000,
  logged: 5000,
  besides: 50_000,
  beside: 300,
  errors: 10_000,
};

/** At some hundred tasks a second, a measurement of thousands would take minutes and say the same. */
const SLOW: Readonly<Record<string, number>> = { platformatic: 500 };

export function tasksOf(system: string, size: number): number {
  return Math.min(size, SLOW[system] ?? size);
}
