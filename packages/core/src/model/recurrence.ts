import { type CronRecurrence, latestCronSlot, nextCronSlot } from "./cron.ts";
import type { Due } from "./due.ts";

/**
 * What becomes of runs on a grid whose time has passed. The run that waits is always run, however late, and stands for
 * those whose time passed before it began, unless they are `all` wanted. Those whose time passes while a run is in progress
 * are left out (`skip`), made up for by one run (`once`), or run one after the other (`all`). A retry moves the due time of
 * its run, and with it where those that follow begin.
 */
export type Missed = "skip" | "once" | "all";

/** What every recurrence says. */
export interface RecurrenceRules {
  readonly missed: Missed;
  /** Whether the series goes on after a run has failed for good. */
  readonly onFailure: "continue" | "stop";
}

/**
 * Repeats with a length of time between the runs.
 *
 * - `after`: the next run is due one interval after the end of this one.
 * - `fixed`: runs are due at `anchorMs + k * everyMs`, without drift.
 */
export interface IntervalRecurrence extends RecurrenceRules {
  readonly everyMs: number;
  readonly cadence: "after" | "fixed";
  /** The instant that fixed runs count from; null with cadence `after`. */
  readonly anchorMs: number | null;
}

/**
 * How a task repeats, as it is stored. Decided here and nowhere else: a store only keeps the text.
 */
export type Recurrence = (IntervalRecurrence | (CronRecurrence & RecurrenceRules)) & {
  /** Whether the runs to come are held back until an operator lets them go. */
  readonly paused?: true;
};

/** The run that has ended, as far as the next one depends on it. */
export interface EndedRun {
  readonly dueMs: number;
  readonly startedMs: number;
  readonly endedMs: number;
}

/** When the next run is due; null where there is none. */
export function nextRun(recurrence: Recurrence, { dueMs, startedMs, endedMs }: EndedRun): Due | null {
  if ("everyMs" in recurrence && recurrence.anchorMs === null) return { inMs: recurrence.everyMs };
  const grid = gridOf(recurrence);
  const following = grid.next(dueMs);
  if (following === null || following > endedMs || recurrence.missed === "all") return dueAt(following);
  const latest = recurrence.missed === "once" ? grid.latest(endedMs) : null;
  return dueAt(latest !== null && latest > startedMs ? latest : grid.next(endedMs));
}

/** The slots of a recurrence whose runs are due at set instants. */
interface Grid {
  /** The first slot after an instant; null after the last. */
  next(afterMs: number): number | null;
  /** The last slot that is not after an instant; null before the first. */
  latest(byMs: number): number | null;
}

function gridOf(recurrence: Recurrence): Grid {
  if ("cron" in recurrence) {
    return {
      next: (afterMs) => nextCronSlot(recurrence, afterMs),
      latest: (byMs) => latestCronSlot(recurrence, byMs),
    };
  }
  const { everyMs } = recurrence;
  const anchor = recurrence.anchorMs ?? 0;
  const slotOf = (ms: number): number => Math.floor((ms - anchor) / everyMs);
  return {
    // A retry moves a due time off the grid, so slots are found from the anchor. A run from before the anchor, which
    // belongs to an earlier declaration, is followed by the first of the grid.
    next: (afterMs) => anchor + (Math.max(slotOf(afterMs), -1) + 1) * everyMs,
    latest: (byMs) => anchor + slotOf(byMs) * everyMs,
  };
}

function dueAt(slot: number | null): Due | null {
  return slot === null ? null : { at: slot };
}
