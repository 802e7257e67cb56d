import { Cron } from "croner";
import { messageOf } from "../errors/omniq-error.ts";
import { ValidationError } from "../errors/validation-error.ts";

/** Repeats by the wall clock of a time zone. */
export interface CronRecurrence {
  /** Five fields, or six with seconds first: `"30 2 * * MON-FRI"`. */
  readonly cron: string;
  /** An IANA name such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/**
 * The first instant after `afterMs` that the pattern names; null where it names none.
 *
 * A time that the clock change skips is due at the first instant after the gap, where the pattern names one time a day; of
 * several, those within the gap are left out. A time that the change repeats is
 * due once, the first time; a pattern that repeats within the hour or every hour is due in both.
 */
export function nextCronSlot(recurrence: CronRecurrence, afterMs: number): number | null {
  return parse(recurrence).nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** The last instant that the pattern names and that is not after `byMs`; null where there is none. */
export function latestCronSlot(recurrence: CronRecurrence, byMs: number): number | null {
  // The library looks for what lies before an instant, in whole seconds.
  const after = new Date(Math.floor(byMs / 1000) * 1000 + 1000);
  return parse(recurrence).previousRuns(1, after)[0]?.getTime() ?? null;
}

/** @throws ValidationError `invalid_cron`, `invalid_time_zone` */
export function checkCron(recurrence: CronRecurrence): void {
  const { cron, timeZone } = recurrence;
  checkTimeZone(timeZone);
  try {
    if (typeof cron !== "string") throw new TypeError("it must be a text");
    if (parse(recurrence).getOnce()) throw new TypeError("it names one instant; use eta for that");
  } catch (cause) {
    throw invalidCron(cron, messageOf(cause).replace(/^CronPattern: /, ""), cause);
  }
}

function parse({ cron, timeZone }: CronRecurrence): Cron {
  return new Cron(cron, { timezone: timeZone, paused: true });
}

function checkTimeZone(timeZone: unknown): void {
  try {
    if (typeof timeZone !== "string") throw new TypeError("it must be a text");
    Intl.DateTimeFormat("en", { timeZone });
  } catch (cause) {
    throw new ValidationError(
      "invalid_time_zone",
      `timeZone ${String(timeZone)} is unknown. Use an IANA name such as "Europe/Berlin" or "UTC".`,
      { field: "timeZone", cause },
    );
  }
}

function invalidCron(cron: unknown, why: string, cause: unknown): ValidationError {
  return new ValidationError(
    "invalid_cron",
    `cron ${JSON.stringify(cron)} is not usable: ${why}. Write minute, hour, day, month and weekday: "30 2 * * MON-FRI".`,
    { field: "cron", cause },
  );
}
