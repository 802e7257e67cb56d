import { AssertionError } from "node:assert/strict";
import { pause } from "./real-time.ts";

/** How long the kit waits for what has to happen by itself: ten times what anybody should wait. */
export const LIVENESS_MS = 50_000;

/** Waits for work that has to come to an end; fails with `overrun`, a sentence, where it does not in time. */
export async function within<T>(limitMs: number, work: () => Promise<T>, overrun: string): Promise<T> {
  const isDone = new AbortController();
  // It keeps the process alive, so that what hangs is told of and does not end the process without a word.
  const late = async (): Promise<never> => {
    await pause(limitMs, isDone.signal);
    throw new AssertionError({ message: `${overrun} after ${limitMs} ms` });
  };
  try {
    return await Promise.race([work(), late()]);
  } finally {
    isDone.abort();
  }
}

/** Waits until something holds, looking again and again; fails with `otherwise`, a sentence, where it does not in time. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  otherwise: string,
  limitMs = LIVENESS_MS,
): Promise<void> {
  let isOver = false;
  const wait = async (): Promise<void> => {
    while (!isOver && !(await holds())) await pause(5);
  };
  try {
    await within(limitMs, wait, otherwise);
  } finally {
    isOver = true;
  }
}
