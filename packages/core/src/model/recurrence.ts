import type { Due } from "./due.ts";

/**
 * How a task repeats, as it is stored. Decided here and nowhere else: a store only keeps the text.
 *
 * - `after`: the next run is due one interval after the end of this one.
 * - `fixed`: runs are due at `anchorMs + k * everyMs`, without drift.
 *
 * `missed` says what becomes of the fixed runs whose time passed meanwhile: none of them, the latest one, or
 * each of them.
 */
export interface Recurrence {
  readonly everyMs: number;
  readonly cadence: "after" | "fixed";
  /** The instant that fixed runs count from; null with cadence `after`. */
  readonly anchorMs: number | null;
  readonly missed: "skip" | "once" | "all";
  /** Whether the series goes on after a run has failed for good. */
  readonly onFailure: "continue" | "stop";
}

/** When the next run is due, after a run that was due at `dueMs` and ended at `nowMs`. */
export function nextRun(recurrence: Recurrence, dueMs: number, nowMs: number): Due {
  const { everyMs, anchorMs, missed } = recurrence;
  if (anchorMs === null) return { inMs: everyMs };
  // A retry moves the due time off the grid, so the slot of this run is found again from the anchor. A run from
  // before the anchor, which belongs to an earlier declaration, is followed by the first of the grid.
  const slot = Math.max(Math.floor((dueMs - anchorMs) / everyMs), -1);
  const following = anchorMs + (slot + 1) * everyMs;
  if (following > nowMs || missed === "all") return { at: following };
  const latest = anchorMs + Math.floor((nowMs - anchorMs) / everyMs) * everyMs;
  return { at: missed === "once" ? latest : latest + everyMs };
}
