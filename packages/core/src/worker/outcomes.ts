import { messageOf } from "../errors/omniq-error.ts";
import { NonRetryableError } from "../errors/task-error.ts";
import type { Outcome } from "../model/settlement.ts";
import type { Execution, ExecutionContext } from "./execution.ts";

/** An outcome on its way to the store. */
export interface Ended {
  readonly execution: Execution;
  readonly outcome: Outcome;
  /** How often the store would not take it by itself, though it was well. */
  readonly refusals: number;
}

/** An outcome that was refused so often cannot be stored: its run counts as failed. */
const MOST_REFUSALS = 3;

/**
 * The outcomes that are to be stored. They go together, so that one which cannot be stored would hold up all others: where
 * a trip fails again and again though the store is well, the next ones carry fewer, until that one is by itself.
 */
export class Outcomes {
  readonly #context: ExecutionContext;
  #waiting: Ended[] = [];
  /** How many go in one trip. */
  #most = Infinity;

  constructor(context: ExecutionContext) {
    this.#context = context;
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Whether the one that cannot be stored is looked for: then outcomes go alone, without a claim. */
  get isSearching(): boolean {
    return this.#most < Infinity && this.#waiting.length > 0;
  }

  add(execution: Execution, outcome: Outcome): void {
    this.#waiting.push({ execution, outcome, refusals: 0 });
  }

  /** Those of the next trip. */
  take(): readonly Ended[] {
    const taken = this.#waiting;
    this.#waiting = taken.length > this.#most ? taken.splice(this.#most) : [];
    return taken;
  }

  /** The store says that this one is none. False where nothing can be said in its place. */
  replace({ execution, refusals }: Ended, error: unknown): boolean {
    if (refusals > MOST_REFUSALS) return false;
    this.#waiting.push({ execution, outcome: failureOf(execution, error), refusals: MOST_REFUSALS + 1 });
    return true;
  }

  /** They are stored. */
  stored(): void {
    this.#most = this.#waiting.length === 0 ? Infinity : this.#most * 2;
  }

  /**
   * They are to be stored again: an outcome that comes twice is recognised. Answers whether the store is well, so that it is
   * one of them that it does not take; that is asked where the failure `lasts`.
   */
  async putBack(ended: readonly Ended[], error: unknown, lasts: boolean): Promise<boolean> {
    const [first] = ended;
    const isWell = lasts && first !== undefined && (await this.#renews(first.execution));
    const canPart = isWell && first.refusals <= MOST_REFUSALS;
    if (canPart) this.#most = Math.ceil(ended.length / 2);
    if (canPart && ended.length === 1) this.#waiting.push(this.#refused(first, error));
    else this.#waiting = [...ended, ...this.#waiting];
    return canPart;
  }

  /** Whether the store takes a write about the very task. */
  async #renews({ lease }: Execution): Promise<boolean> {
    const { queue, leaseMs } = this.#context;
    try {
      await queue.storage.renew({ renewals: [{ lease, leaseMs }] });
      return true;
    } catch {
      return false;
    }
  }

  #refused({ execution, outcome, refusals }: Ended, error: unknown): Ended {
    const next = { execution, refusals: refusals + 1 };
    if (next.refusals < MOST_REFUSALS) return { ...next, outcome };
    return { ...next, outcome: failureOf(execution, error) };
  }
}

function failureOf(execution: Execution, error: unknown): Outcome {
  return execution.failure(new NonRetryableError(`The outcome could not be stored: ${messageOf(error)}`));
}
