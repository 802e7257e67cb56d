import type { Row } from "./row.ts";
import { ratio } from "./ratios.ts";
import type { Store } from "../system.ts";

/** What the project wants of itself. */
export interface Target {
  readonly store: Store;
  readonly workload: string;
  /** Of which row of OmniQ's. */
  readonly mode: string;
  readonly concurrency: number;
  /** The requirement that asks for it, where one does. */
  readonly requirement?: string;
  /** What is aimed for, in words. */
  readonly text: string;
  /** The figure that is looked at; null where it was not measured. */
  readonly measure: (row: Row, rows: readonly Row[]) => number | null;
  /** The least that meets it, the most, or both. */
  readonly least?: number;
  readonly most?: number;
  readonly unit: string;
}

export interface Verdict {
  readonly target: Target;
  readonly measured: number | null;
  readonly outcome: "met" | "missed" | "not measured";
}

/** Compares what was measured with a target. */
export function judge(target: Target, rows: readonly Row[]): Verdict {
  const { store, workload, mode, concurrency, least, most } = target;
  const row = rows.find(
    (one) =>
      one.system === "omniq" &&
      one.store === store &&
      one.workload === workload &&
      one.mode === mode &&
      one.concurrency === concurrency,
  );
  const measured = row && row.error === null ? target.measure(row, rows) : null;
  if (measured === null) return { target, measured, outcome: "not measured" };
  const isMet = measured >= (least ?? -Infinity) && measured <= (most ?? Infinity);
  return { target, measured, outcome: isMet ? "met" : "missed" };
}

/** How many times as good a row is as that of a system in the same mode. */
export function toSystem(system: string): Target["measure"] {
  return (row, rows) => {
    const other = rows.find(
      (one) =>
        one.system === system &&
        one.store === row.store &&
        one.workload === row.workload &&
        one.mode === row.mode &&
        one.concurrency === row.concurrency,
    );
    return other ? ratio(row, other) : null;
  };
}

/** How many times as good a row is as OmniQ's own in another mode. */
export function toMode(mode: string): Target["measure"] {
  return (row, rows) => {
    const other = rows.find(
      (one) =>
        one.system === "omniq" &&
        one.store === row.store &&
        one.workload === row.workload &&
        one.mode === mode &&
        one.concurrency === row.concurrency,
    );
    return other ? ratio(row, other) : null;
  };
}
