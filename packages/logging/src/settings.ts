import { type Clock, type DurationInput, ValidationError, durationMs, systemClock } from "@omniq/core";
import { LOG_LEVELS, type LogLevel } from "./log-level.ts";
import type { LogRecord } from "./log-record.ts";
import { type Rotation, parseRotation } from "./rotation.ts";

/** `DEV`: two lines a record, to stderr. `PROD`: one line of JSON a record, to a file. */
export type LogMode = "DEV" | "PROD";

/** What {@link configure} takes. What is left out comes from the environment, then from the default. */
export interface LogOptions {
  /** The least level that is recorded. `OMNIQ_LOG_LEVEL`; default `INFO`. */
  readonly level?: LogLevel;
  /** `OMNIQ_LOG_MODE`; default `DEV`. */
  readonly mode?: LogMode;
  /** Where PROD writes; its folders are created. A file of its own for each process. `OMNIQ_LOG_FILE`; default `logs/omniq.log`. */
  readonly file?: string;
  /**
   * When the file is set aside: at a size, `"100 MB"` (1 MB is 1,000,000 bytes), or by time, `"1 day"`.
   * `OMNIQ_LOG_ROTATION`; default `100 MB`.
   */
  readonly rotation?: string;
  /** How long files that were set aside are kept. `OMNIQ_LOG_RETENTION`; default `30 days`. */
  readonly retention?: DurationInput;
  /** Whether files that were set aside are compressed. Default null: they are not. */
  readonly compression?: "gz" | null;
  /** Whether PROD prints each line to stdout as well. Default false. */
  readonly stdout?: boolean;
  /** The text of a record, its line breaks included, in place of the mode's own. */
  readonly format?: (record: LogRecord) => string;
  /** What records are dated by. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** The options, checked and completed. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly mode: LogMode;
  readonly file: string;
  readonly rotation: Rotation;
  readonly retentionMs: number;
  readonly compression: "gz" | null;
  readonly stdout: boolean;
  readonly format: ((record: LogRecord) => string) | null;
  readonly clock: Clock;
}

const OPTIONS = [
  "level",
  "mode",
  "file",
  "rotation",
  "retention",
  "compression",
  "stdout",
  "format",
  "clock",
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ValidationError naming the option, or the variable, that is not usable */
export function logSettings(options: LogOptions, environment: Environment): LogSettings {
  checkNames(options);
  const { compression = null, stdout = false, format = null, clock = systemClock } = options;
  const level = given(options, environment, "level", "INFO");
  const mode = given(options, environment, "mode", "DEV");
  const file = given(options, environment, "file", "logs/omniq.log");
  const rotation = given(options, environment, "rotation", "100 MB");
  const retention = given(options, environment, "retention", "30 days");
  if (typeof file.value !== "string" || file.value === "" || file.value.includes("\0")) {
    throw invalid("file", file, "the path of a file");
  }
  if (typeof rotation.value !== "string") throw invalid("rotation", rotation, 'a text such as "100 MB"');
  if (compression !== null && compression !== "gz") {
    throw invalid("compression", { from: "compression", value: compression }, '"gz" or null');
  }
  if (typeof stdout !== "boolean")
    throw invalid("stdout", { from: "stdout", value: stdout }, "true or false");
  if (format !== null && typeof format !== "function") {
    throw invalid("format", { from: "format", value: format }, "a function from a record to its text");
  }
  if (typeof (clock as Partial<Clock> | null)?.now !== "function") {
    throw invalid("clock", { from: "clock", value: clock }, "a clock, which has a method now");
  }
  return {
    level: oneOf("level", level, LOG_LEVELS),
    mode: oneOf("mode", mode, ["DEV", "PROD"]),
    file: file.value,
    rotation: parseRotation(rotation.value, rotation.from),
    retentionMs: durationMs(retention.value as DurationInput, retention.from),
    compression,
    stdout,
    format,
    clock,
  };
}

/** A setting, and the name that it was given under. */
interface Given {
  readonly from: string;
  readonly value: unknown;
}

/** Of an option, its variable and its default, the first that there is. An empty variable counts as none. */
function given(
  options: LogOptions,
  environment: Environment,
  option: "level" | "mode" | "file" | "rotation" | "retention",
  fallback: string,
): Given {
  if (options[option] !== undefined) return { from: option, value: options[option] };
  const variable = `OMNIQ_LOG_${option.toUpperCase()}`;
  const text = environment[variable]?.trim();
  return text ? { from: variable, value: text } : { from: option, value: fallback };
}

function oneOf<T extends string>(option: string, setting: Given, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === setting.value);
  if (found === undefined) throw invalid(option, setting, `one of ${allowed.join(", ")}`);
  return found;
}

function checkNames(options: LogOptions): void {
  if (typeof options !== "object" || options === null) {
    throw invalid("options", { from: "options", value: options }, "an object");
  }
  const unknown = Object.keys(options).find((key) => !OPTIONS.some((known) => known === key));
  if (unknown === undefined) return;
  throw new ValidationError(
    "unknown_option",
    `configure has no option ${JSON.stringify(unknown)}. It takes ${OPTIONS.join(", ")}.`,
    { field: unknown },
  );
}

/** Only texts and numbers are shown. */
function invalid(option: string, { from, value }: Given, expected: string): ValidationError {
  const shown = typeof value === "string" || typeof value === "number" ? JSON.stringify(value) : typeof value;
  return new ValidationError(`invalid_${option}`, `${from} ${shown} is not usable: it must be ${expected}.`, {
    field: from,
  });
}
