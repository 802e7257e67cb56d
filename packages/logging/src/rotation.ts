import { ValidationError, durationMs } from "@omniq/core";

/** When the log file is set aside and a new one begun. */
export type Rotation =
  | { readonly by: "size"; readonly bytes: number }
  /** In the words of rotating-file-stream: `1d`, `12h`, `30m`. */
  | { readonly by: "time"; readonly interval: string };

const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i;
const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };

/** So many of a unit make the next, which a shorter period has to divide. */
const PERIODS = [
  { unit: "d", ms: 86_400_000, within: Infinity },
  { unit: "h", ms: 3_600_000, within: 24 },
  { unit: "m", ms: 60_000, within: 60 },
  { unit: "s", ms: 1000, within: 60 },
] as const;

/**
 * Reads `"100 MB"` (1 MB is 1,000,000 bytes) or `"1 day"`.
 *
 * @param from the option or variable that said so, named by the error
 * @throws ValidationError `invalid_rotation`
 */
export function parseRotation(text: string, from: string): Rotation {
  const size = SIZE.exec(text.trim());
  if (size) {
    const bytes = Math.round(Number(size[1]) * (UNIT_BYTES[(size[2] as string).toUpperCase()] as number));
    if (bytes < 1 || !Number.isSafeInteger(bytes)) throw invalid(text, from);
    return { by: "size", bytes };
  }
  const ms = milliseconds(text, from);
  const period = PERIODS.find(({ ms: unitMs, within }) => {
    const count = ms / unitMs;
    return Number.isInteger(count) && count > 0 && (within === Infinity || within % count === 0);
  });
  if (!period) throw invalid(text, from);
  return { by: "time", interval: `${ms / period.ms}${period.unit}` };
}

function milliseconds(text: string, from: string): number {
  try {
    return durationMs(text, from);
  } catch (cause) {
    throw invalid(text, from, cause);
  }
}

function invalid(text: string, from: string, cause?: unknown): ValidationError {
  return new ValidationError(
    "invalid_rotation",
    `${from} ${JSON.stringify(text)} is not usable: write a size such as "100 MB" (B, KB, MB or GB), or a time of whole ` +
      'days or one that divides a day, an hour or a minute, such as "1 day", "6 hours" or "30 minutes".',
    { field: from, cause },
  );
}
