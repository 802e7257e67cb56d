/** The longest delay that a Node timer can hold; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** A pending callback of {@link CoarseTimers}. */
export interface CoarseTimer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/**
 * Timers that nearly never fire, such as the limit of each call to a store. They share one of Node's, which is set for the
 * earliest and left as it is when that is cancelled: to set and to clear one of Node's costs a call twice as much.
 */
export class CoarseTimers {
  readonly #pending = new Set<CoarseTimer>();
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Infinity;

  /** Calls `callback` once, no earlier than `delayMs` milliseconds from now. */
  set(callback: () => void, delayMs: number): CoarseTimer {
    const timer = { dueAt: performance.now() + delayMs, callback };
    this.#pending.add(timer);
    if (timer.dueAt < this.#dueAt) this.#wakeAt(timer.dueAt);
    // Only what is waited for keeps the process alive.
    else if (this.#pending.size === 1) this.#timer?.ref();
    return timer;
  }

  cancel(timer: CoarseTimer): void {
    if (this.#pending.delete(timer) && this.#pending.size === 0) this.#timer?.unref();
  }

  #wakeAt(dueAt: number): void {
    clearTimeout(this.#timer ?? undefined);
    this.#dueAt = dueAt;
    const delayMs = Math.max(Math.ceil(dueAt - performance.now()), 0);
    this.#timer = setTimeout(() => this.#fire(), Math.min(delayMs, MAX_DELAY_MS));
  }

  #fire(): void {
    this.#timer = null;
    this.#dueAt = Infinity;
    const now = performance.now();
    const due = [...this.#pending].filter(({ dueAt }) => dueAt <= now);
    for (const timer of due) this.#pending.delete(timer);
    let next = Infinity;
    for (const { dueAt } of this.#pending) next = Math.min(next, dueAt);
    if (next < Infinity) this.#wakeAt(next);
    for (const { callback } of due) callback();
  }
}
