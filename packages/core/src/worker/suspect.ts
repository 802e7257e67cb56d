import type { ReleaseOutcome } from "../model/settlement.ts";
import type { Execution } from "./execution.ts";

/** For how many leases one that could not run alone is given back. */
const PAUSE_LEASES = 4;

/** A task that waits to run alone, or does. Nothing else begins meanwhile. */
export class Suspect {
  readonly execution: Execution;
  isStarted = false;
  readonly #since: number;

  constructor(execution: Execution, now: number) {
    this.execution = execution;
    this.#since = now;
  }

  /** How it is given back once it has waited for as long as a lease: what runs must not keep all others waiting for ever. */
  release(now: number, leaseMs: number): ReleaseOutcome | null {
    if (this.isStarted || now - this.#since < leaseMs) return null;
    return { kind: "release", reason: "suspect", due: { inMs: leaseMs * PAUSE_LEASES } };
  }
}
