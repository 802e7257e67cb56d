import { FIGURES } from "./results/summary.ts";
import type { Measured } from "./results/row.ts";
import type { Ratios } from "./results/ratios.ts";

/** One measurement as a line of the terminal. */
export function lineOf(row: Measured & Ratios): string {
  const what = [row.store, row.workload, row.mode, `c${row.concurrency}`, row.system].join(" · ");
  if (row.error !== null) return `${what}: ${row.error.split("\n")[0]}`;
  const figures = FIGURES.filter((name) => row[name] !== undefined).map(
    (name) => `${name} ${row[name]?.toLocaleString("en")}`,
  );
  const spread = row.spread ? `(${row.spread.map((value) => value.toLocaleString("en")).join(" to ")})` : "";
  const ratios = [
    row.ratioToBestPeer === null ? [] : [`${row.ratioToBestPeer} of ${row.bestPeer}`],
    row.ratioToRaw === null ? [] : [`${row.ratioToRaw} of raw`],
  ].flat();
  return [`${what}: ${figures.join(", ")} ${spread}`, ...ratios].join(", ");
}
