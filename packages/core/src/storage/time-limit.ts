import { CoarseTimers } from "../ports/coarse-timers.ts";

const timers = new CoarseTimers();

/**
 * Settles as `work` does, or rejects with what `overrun` answers once it has taken too long. What becomes of the work
 * then is the caller's concern.
 */
export function withinTime<T>(limitMs: number, work: Promise<T>, overrun: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const limit = timers.set(() => reject(overrun()), limitMs);
    const end = (): void => timers.cancel(limit);
    work.then(end, end);
    work.then(resolve, reject);
  });
}
