import type { Figures } from "../job.ts";

/** The figures that a measurement can have, the one that it is judged by first. */
export const FIGURES = [
  "rate",
  "p50",
  "p99",
  "bytesPerTask",
  "seconds",
  "createMs",
  "serializeMs",
  "lost",
  "runTwice",
  "peakRssMb",
] as const satisfies readonly (keyof Figures)[];

/** The median of each figure over the rounds; of memory, and of what went wrong, the most. */
export function summaryOf(rounds: readonly Figures[]): {
  readonly figures: Figures;
  readonly spread: readonly [number, number] | null;
} {
  const figures: Record<string, number> = {};
  let spread: readonly [number, number] | null = null;
  for (const name of FIGURES) {
    const values = rounds.map((round) => round[name]).filter((value) => value !== undefined);
    if (values.length === 0) continue;
    const isWorst = name === "peakRssMb" || name === "lost" || name === "runTwice";
    figures[name] = isWorst ? Math.max(...values) : median(values);
    spread ??= [Math.min(...values), Math.max(...values)];
  }
  return { figures, spread };
}

/** The middle one; of two in the middle, the mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
