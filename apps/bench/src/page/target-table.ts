import { TARGETS } from "../results/all-targets.ts";
import type { Row } from "../results/row.ts";
import { type Target, judge } from "../results/targets.ts";
import type { Store } from "../system.ts";
import { figure, table } from "./markdown.ts";

/** The targets of a store, and what became of each. One that was missed says so. */
export function targetTable(
  store: Store,
  rows: readonly Row[],
  targets: readonly Target[] = TARGETS,
): string {
  const verdicts = targets.filter((target) => target.store === store).map((target) => judge(target, rows));
  return table([
    ["workload", "", "measured", "target"],
    ...verdicts.map(({ target, measured, outcome }) => [
      nameOf(target),
      outcome === "missed" ? "**missed**" : outcome,
      measured === null ? "-" : `${figure(measured)} ${target.unit}`.trim(),
      target.text,
    ]),
  ]);
}

function nameOf({ workload, mode, concurrency, requirement }: Target): string {
  return [requirement ?? workload, concurrency > 1 ? `c${concurrency}` : "", mode].filter(Boolean).join(", ");
}
