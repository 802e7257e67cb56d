import type { DequeueHookParams, DequeueHookResult } from "@omniq/core/storage";

/** What a transaction writes that read the clock no longer than this before a claim lies above that claim's marks. */
const MARGIN_MS = 100;
/** How long claims go by marks before all is looked at again. */
const TRUSTED_MS = 1000;

/** How far claims have come in a queue that has more to give. */
export interface Marks {
  /** When all was last looked at, by the store's clock. */
  readonly since: number;
  /** No lease that ended before this instant is left to be taken over. */
  lease: number;
  /** For each priority: nothing waits that was due before this instant, but what was put there since. */
  readonly etas: Map<number, number>;
}

/**
 * How far the claims of this process have come, so that the next need not pass what they have taken: see `claim.sql`.
 * A mark says where a look begins, and never what is found in the end.
 */
export class LowWaterMarks {
  readonly #queues = new Map<string, Marks>();

  /** What a claim that begins now may go by, for each of its queues; null where it has to look at all. */
  of({ queues }: DequeueHookParams): readonly (Marks | null)[] {
    return queues.map(({ name }) => this.#queues.get(name) ?? null);
  }

  /** Takes in what a claim has brought that went by these marks. */
  observe(
    { queues, limit }: DequeueHookParams,
    marks: readonly (Marks | null)[],
    { now, claimed, recovered }: DequeueHookResult,
  ): void {
    const reached = new Map<string, Map<number, number>>();
    for (const { queue, priority, eta } of claimed) {
      const etas = reached.get(queue) ?? new Map<number, number>();
      reached.set(queue, etas.set(priority, eta - MARGIN_MS));
    }
    const mayBeMore = claimed.length + recovered.length >= limit;
    for (const [index, { name }] of queues.entries()) {
      const known = marks[index] ?? { since: now, lease: now, etas: new Map<number, number>() };
      // All has been looked at meanwhile, and what this claim has passed by may be below its marks.
      if (marks[index] && this.#queues.get(name) !== known) continue;
      const etas = reached.get(name);
      const isTrusted = now >= known.since && now - known.since < TRUSTED_MS;
      if (!mayBeMore || !etas || !isTrusted) {
        this.#queues.delete(name);
        continue;
      }
      known.lease = now - MARGIN_MS;
      for (const [priority, eta] of etas) known.etas.set(priority, eta);
      this.#queues.set(name, known);
    }
  }
}
