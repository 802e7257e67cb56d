import { ValidationError } from "../errors/validation-error.ts";
import { type DurationInput, durationMs } from "./duration.ts";

/** The wire form of an interval, as earlier editions of OmniQ wrote it. */
export interface SerializedInterval {
  readonly type: "timedelta";
  readonly total_seconds: number;
}

/** The time between the runs of a recurring task; at least one millisecond. Immutable. */
export class Interval {
  readonly totalMilliseconds: number;

  /** @throws ValidationError `invalid_interval` unless it is a whole number of milliseconds, and at least one */
  constructor(totalMilliseconds: number) {
    if (!Number.isSafeInteger(totalMilliseconds) || totalMilliseconds < 1) {
      const message =
        "An Interval is a whole number of milliseconds, at least 1. For other forms use toInterval.";
      throw new ValidationError("invalid_interval", message, { field: "interval" });
    }
    this.totalMilliseconds = totalMilliseconds;
    Object.freeze(this);
  }

  totalSeconds(): number {
    return this.totalMilliseconds / 1000;
  }

  /** The instant one interval after `date`. */
  addTo(date: Date): Date {
    return new Date(date.getTime() + this.totalMilliseconds);
  }

  /** As text that every duration parameter takes, such as `"1d 2h 30m"`. */
  toString(): string {
    const parts: string[] = [];
    let rest = this.totalMilliseconds;
    for (const [unit, ms] of [
      ["d", 86_400_000],
      ["h", 3_600_000],
      ["m", 60_000],
      ["s", 1000],
      ["ms", 1],
    ] as const) {
      const count = Math.floor(rest / ms);
      rest -= count * ms;
      if (count > 0) parts.push(`${count}${unit}`);
    }
    return parts.join(" ");
  }

  toJSON(): SerializedInterval {
    return serializeInterval(this);
  }
}

/**
 * An interval from whatever a duration can be given as. `0`, null and undefined mean "not recurring" and give
 * null; an Interval comes back as it is.
 *
 * @throws ValidationError `invalid_duration`.
 */
export function toInterval(input: Interval | DurationInput | null | undefined): Interval | null {
  if (input === null || input === undefined) return null;
  if (input instanceof Interval) return input;
  const ms = durationMs(input, "interval");
  return ms === 0 ? null : new Interval(ms);
}

/** An interval as JSON holds it, for `deserializeInterval` to read. */
export function serializeInterval(interval: Interval): SerializedInterval {
  return { type: "timedelta", total_seconds: interval.totalSeconds() };
}

/** @throws ValidationError `invalid_interval` where `value` is not what {@link serializeInterval} writes. */
export function deserializeInterval(value: unknown): Interval {
  const { type, total_seconds: seconds } = (value ?? {}) as Partial<SerializedInterval>;
  if (type !== "timedelta" || typeof seconds !== "number" || !(seconds * 1000 >= 0.5)) {
    throw new ValidationError(
      "invalid_interval",
      'A serialized interval is { "type": "timedelta", "total_seconds": N } with N of at least 0.001.',
      { field: "interval" },
    );
  }
  return new Interval(durationMs(seconds, "interval"));
}
