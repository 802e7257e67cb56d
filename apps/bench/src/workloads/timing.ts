import type { Counts, Session } from "../system.ts";

/** Tasks a second. */
export async function rateOf(total: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round((total * 1000) / (performance.now() - began));
}

/** @throws where the store does not hold what it must */
export async function expectCounts(session: Pick<Session, "counts">, expected: Counts): Promise<void> {
  const found = await session.counts();
  if (found.waiting === expected.waiting && found.succeeded === expected.succeeded) return;
  throw new Error(`The store holds ${JSON.stringify(found)}, and should hold ${JSON.stringify(expected)}`);
}

/** The most memory that this process has held, in MB of 1,000,000 bytes. */
export function peakRssMb(): number {
  return Math.round((process.resourceUsage().maxRSS * 1024) / 1e5) / 10;
}

/** Milliseconds since 1970, comparable between the processes of one machine. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
