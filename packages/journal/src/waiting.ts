import type { Update } from "./content.ts";

/** A call that waits for its answer. */
export interface Waiting {
  /** Null for what only reads. */
  readonly update: (() => Update<unknown>) | null;
  readonly read: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** An update that was made in memory, and is not on the disk yet. */
export interface Staged {
  readonly waiting: Waiting;
  readonly value: unknown;
  /** Where its last line ends. */
  readonly end: number;
}

export function answerReads(reads: readonly Waiting[]): void {
  for (const { read, resolve, reject } of reads) {
    try {
      resolve(read());
    } catch (error) {
      reject(error as Error);
    }
  }
}

export function answerUpdates(staged: readonly Staged[]): void {
  for (const { waiting, value } of staged) waiting.resolve(value);
}
