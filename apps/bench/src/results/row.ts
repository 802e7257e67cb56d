import type { Figures } from "../job.ts";
import type { Store } from "../system.ts";

/** The figures of all rounds of one measurement, each as its median. */
export interface Measured extends Figures {
  readonly store: Store;
  readonly workload: string;
  readonly system: string;
  /** Ratios are between rows of the same store, workload, mode and concurrency. */
  readonly mode: string;
  readonly concurrency: number;
  readonly tasks: number;
  readonly rounds: number;
  /** The least and the greatest of the rounds, of the rate or else of the first figure there is. */
  readonly spread: readonly [number, number] | null;
  readonly settings: string;
  /** Why there are no figures; null where there are. */
  readonly error: string | null;
}

/** What a results file holds one of a measurement. */
export interface Row extends Measured {
  /** The best peer of the same mode; null where there is none, as for peers themselves. */
  readonly bestPeer: string | null;
  /** How many times as good as that peer. */
  readonly ratioToBestPeer: number | null;
  /** How many times as good as bare code on the same driver. */
  readonly ratioToRaw: number | null;
  readonly versions: Readonly<Record<string, string>>;
  /** The cores, the processor and the system that it was measured on. */
  readonly machine: string;
  /** The day, in UTC. */
  readonly measuredOn: string;
}
