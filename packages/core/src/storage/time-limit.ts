import { systemClock } from "../ports/clock.ts";

/**
 * Settles as `work` does, or rejects with what `overrun` answers once it has taken too long. What becomes of the work
 * then is the caller's concern.
 */
export async function withinTime<T>(limitMs: number, work: Promise<T>, overrun: () => Error): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = systemClock.setTimer(() => reject(overrun()), limitMs);
  try {
    return await Promise.race([work, over]);
  } finally {
    timer.cancel();
  }
}
