import { ValidationError } from "../errors/validation-error.ts";

/** Parts of a duration. Months and years are refused: their length varies. */
export interface DurationParts {
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

/**
 * A length of time: text such as `"90s"`, `"1h 30m"`, `"30 days"` or ISO 8601 `"PT1H"`; parts such as
 * `{ minutes: 5 }`; a `Temporal.Duration`; or a bare number, which is **seconds**.
 */
export type DurationInput = number | string | DurationParts;

const UNIT_MS = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
} as const;

type Unit = keyof typeof UNIT_MS;

const UNIT_NAMES: Readonly<Record<string, Unit>> = Object.freeze({
  __proto__: null as never,
  w: "weeks",
  week: "weeks",
  d: "days",
  day: "days",
  h: "hours",
  hr: "hours",
  hour: "hours",
  m: "minutes",
  min: "minutes",
  minute: "minutes",
  s: "seconds",
  sec: "seconds",
  second: "seconds",
  ms: "milliseconds",
  msec: "milliseconds",
  millisecond: "milliseconds",
});

const PAIR = /([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)\s*,?\s*/gy;
const ISO = /^P(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/i;

/** The longest duration taken: 1,000 years, so that no due time leaves the range of a Date. */
const MAX_MS = 1000 * 366 * UNIT_MS.days;

/**
 * The duration in whole milliseconds.
 *
 * @param field what the value is for, named by the error.
 * @throws ValidationError `invalid_duration` where it is no duration, negative, or too long.
 */
export function durationMs(input: DurationInput, field: string): number {
  const ms = rawMs(input, field);
  if (!Number.isFinite(ms) || ms < 0 || ms > MAX_MS) {
    throw invalid(input, field, "it must be from 0 to 1,000 years");
  }
  return Math.round(ms);
}

function rawMs(input: unknown, field: string): number {
  if (typeof input === "number") return input * UNIT_MS.seconds;
  if (typeof input === "string") return textMs(input, field);
  if (typeof input === "object" && input !== null) return partsMs(input, field);
  throw invalid(input, field, "it is no duration");
}

function textMs(text: string, field: string): number {
  const trimmed = text.trim();
  const iso = ISO.exec(trimmed);
  if (iso && iso.slice(1).some((part) => part !== undefined)) {
    const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = iso
      .slice(1)
      .map((part) => Number(part ?? 0));
    return partsMs({ weeks, days, hours, minutes, seconds }, field);
  }
  let total = 0;
  let end = 0;
  PAIR.lastIndex = 0;
  const lower = trimmed.toLowerCase();
  for (let pair = PAIR.exec(lower); pair; pair = PAIR.exec(lower)) {
    const name = pair[2] ?? "";
    const unit = UNIT_NAMES[name] ?? UNIT_NAMES[name.replace(/s$/, "")];
    if (!unit) throw invalid(text, field, `"${name}" is no unit`);
    total += Number(pair[1]) * UNIT_MS[unit];
    end = PAIR.lastIndex;
  }
  if (end === 0 || end !== lower.length) throw invalid(text, field, "it is no duration");
  return total;
}

/** Own keys for plain parts; the getters of a Temporal.Duration live on its prototype, so both are read. */
function partsMs(parts: object, field: string): number {
  const values = parts as Readonly<Record<string, unknown>>;
  for (const key of ["years", "months"]) {
    if (values[key]) throw invalid(parts, field, `${key} vary in length; use days or weeks`);
  }
  const isTemporal = Object.prototype.toString.call(parts) === "[object Temporal.Duration]";
  if (!isTemporal) {
    const unknown = Object.keys(parts).find(
      (key) => !Object.hasOwn(UNIT_MS, key) && key !== "years" && key !== "months",
    );
    if (unknown !== undefined) throw invalid(parts, field, `"${unknown}" is no unit`);
    if (Object.keys(parts).length === 0) throw invalid(parts, field, "it is empty");
  }
  let total = 0;
  for (const unit of Object.keys(UNIT_MS) as Unit[]) {
    const value = values[unit];
    if (value === undefined) continue;
    if (typeof value !== "number") throw invalid(parts, field, `${unit} is not a number`);
    total += value * UNIT_MS[unit];
  }
  if (isTemporal) {
    total += Number(values["microseconds"] ?? 0) / 1e3 + Number(values["nanoseconds"] ?? 0) / 1e6;
  }
  return total;
}

function invalid(input: unknown, field: string, why: string): ValidationError {
  return new ValidationError(
    "invalid_duration",
    `${field} ${show(input)} is not usable: ${why}. Write "30s", "1h 30m", { minutes: 5 } or "PT1H".`,
    { field },
  );
}

export function show(input: unknown): string {
  if (typeof input === "number" || typeof input === "string") return String(input);
  try {
    return JSON.stringify(input) ?? `(a ${typeof input})`;
  } catch {
    return "(an object)";
  }
}
