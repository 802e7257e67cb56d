import type { Step } from "./job.ts";
import type { WorkloadId } from "./options.ts";
import type { Variant } from "./system.ts";

/** One system that takes part in a contest. */
export interface Entrant {
  /** `omniq`, a peer's name, or `raw`. */
  readonly system: string;
  /** Ratios are taken between entrants of the same mode: `seq`, `kept`, `deleted`, `kept, batch 50`, ... */
  readonly mode: string;
  readonly variant: Variant;
  /** How many tasks its measurement is of. Slow systems are given fewer: what counts is the rate. */
  readonly tasks: number;
  /** Done one after the other, in processes of their own, on one place. */
  readonly steps: readonly Step[];
}

/** Those who take turns. */
export interface Contest {
  readonly workload: WorkloadId;
  /** Tasks at once, or calls in flight. */
  readonly concurrency: number;
  readonly entrants: readonly Entrant[];
}

const PLAIN: Variant = { keeps: true, batch: null, isIdle: false };

export function entrant(
  system: string,
  mode: string,
  tasks: number,
  steps: readonly Step[],
  variant: Partial<Variant> = {},
): Entrant {
  return { system, mode, tasks, steps, variant: { ...PLAIN, ...variant } };
}
