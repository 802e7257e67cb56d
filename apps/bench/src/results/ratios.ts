import type { Measured } from "./row.ts";

type Compared = Pick<Measured, "store" | "workload" | "mode" | "concurrency" | "system"> & {
  readonly rate?: number;
  readonly p50?: number;
  readonly bytesPerTask?: number;
};

export interface Ratios {
  readonly bestPeer: string | null;
  readonly ratioToBestPeer: number | null;
  readonly ratioToRaw: number | null;
}

/** How many times as good OmniQ's figures are as those of its peers and of bare code in the same mode. */
export function ratiosOf(row: Compared, rows: readonly Compared[]): Ratios {
  if (row.system !== "omniq") return { bestPeer: null, ratioToBestPeer: null, ratioToRaw: null };
  const others = rows.filter((other) => isSameWork(row, other) && other.system !== "omniq");
  const raw = others.find(({ system }) => system === "raw");
  const peers = others.filter((other) => other.system !== "raw" && goodness(other) !== null);
  const [best] = peers.toSorted((a, b) => (goodness(b) ?? 0) - (goodness(a) ?? 0));
  return {
    bestPeer: best?.system ?? null,
    ratioToBestPeer: best ? ratio(row, best) : null,
    ratioToRaw: raw ? ratio(row, raw) : null,
  };
}

/** How many times as good `one` is as `other`; null where either has no figure. */
export function ratio(one: Partial<Compared>, other: Partial<Compared>): number | null {
  const [a, b] = [goodness(one), goodness(other)];
  return a === null || b === null ? null : Math.round((a / b) * 1000) / 1000;
}

/** More is better: the rate, or else what is divided by the time or the size. */
function goodness({ rate, p50, bytesPerTask }: Partial<Compared>): number | null {
  if (rate !== undefined) return rate;
  const least = p50 ?? bytesPerTask;
  return least === undefined ? null : 1 / least;
}

function isSameWork(a: Compared, b: Compared): boolean {
  return (
    a.store === b.store && a.workload === b.workload && a.mode === b.mode && a.concurrency === b.concurrency
  );
}
