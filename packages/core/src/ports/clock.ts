/** A pending callback of a {@link Clock}. */
export interface Timer {
  /** Forgets the callback. Harmless once it has run. */
  cancel(): void;
}

/**
 * Where time comes from. Everything in OmniQ that reads the time or waits does so through this port, so that
 * a test drives it by hand (`ManualClock` of `@omniq/core/testing`).
 */
export interface Clock {
  /** The present instant, in milliseconds since the epoch, UTC. */
  now(): number;
  /** Calls `callback` once, no earlier than `delayMs` milliseconds from now. */
  setTimer(callback: () => void, delayMs: number): Timer;
}

/** What every clock has. */
export const CLOCK_METHODS: readonly (keyof Clock)[] = ["now", "setTimer"];

/** The longest delay that a Node timer can hold; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(callback, delayMs) {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      handle =
        leftMs > MAX_TIMER_MS
          ? setTimeout(() => wait(leftMs - MAX_TIMER_MS), MAX_TIMER_MS)
          : setTimeout(callback, Math.max(leftMs, 0));
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `delayMs` on the given clock, or as soon as `signal` aborts. Never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.setTimer(done, delayMs);
    signal?.addEventListener("abort", done, { once: true });
  });
}
