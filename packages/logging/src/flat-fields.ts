import type { LogFields } from "@omniq/core";

/** Facts as a log line holds them: under one level of keys, and each a text, a number, a truth or null. */
export type FlatFields = Readonly<Record<string, string | number | boolean | null>>;

/** What the line itself says, and what is no key. A caller's fact of the same name gets an underscore, so that neither is lost. */
const RESERVED = new Set(["timestamp", "level", "logger", "message", "__proto__"]);
const MAX_TEXT_CHARS = 8192;

/**
 * Makes fields flat. This is also what keeps payloads out of logs whatever is passed: of an object only its kind is
 * written, `[Task]`, never what is in it. There is no list of secret names that a new one could be missing from.
 *
 * An Error is written as three facts: its name and message, its code under `<key>_code`, its stack under `<key>_stack`.
 */
export function flatten(fields: LogFields): FlatFields {
  const flat: Record<string, string | number | boolean | null> = {};
  for (const given of Object.keys(fields)) {
    const value = fields[given];
    if (value === undefined) continue;
    const key = RESERVED.has(given) ? `_${given}` : given;
    if (typeof value === "string" && value.length <= MAX_TEXT_CHARS) flat[key] = value;
    else if (value instanceof Error) addError(flat, key, value);
    else flat[key] = scalar(value);
  }
  return flat;
}

/** Facts that may be logged, often or never: made flat at the first time. */
export class Facts {
  readonly given: LogFields;
  #flat: FlatFields | null = null;

  constructor(given: LogFields) {
    this.given = given;
  }

  get flat(): FlatFields {
    this.#flat ??= flatten(this.given);
    return this.#flat;
  }
}

/** What a reader looks for first, in this order. */
const FIRST = ["task_id", "operation", "worker", "correlation_id"] as const;

/**
 * Facts over facts, a later one over an earlier, those of the task first. One that belongs to a task and names no
 * correlation id is correlated by the task.
 */
export function arrange(parts: readonly FlatFields[]): FlatFields {
  const fields: Record<string, string | number | boolean | null> = {};
  for (const key of FIRST) {
    const value = latest(parts, key);
    if (value !== undefined) fields[key] = value;
    else if (key === "correlation_id" && fields["task_id"] !== undefined) fields[key] = fields["task_id"];
  }
  for (const part of parts)
    for (const key of Object.keys(part)) fields[key] = part[key] as FlatFields[string];
  return fields;
}

function latest(parts: readonly FlatFields[], key: string): FlatFields[string] | undefined {
  for (let index = parts.length - 1; index >= 0; index--) {
    const value = parts[index]?.[key];
    if (value !== undefined) return value;
  }
  return undefined;
}

function addError(
  flat: Record<string, string | number | boolean | null>,
  key: string,
  error: Error & { readonly code?: unknown },
): void {
  flat[key] = cut(`${error.name}: ${error.message}`);
  if (typeof error.code === "string") flat[`${key}_code`] = error.code;
  if (error.stack !== undefined) flat[`${key}_stack`] = cut(error.stack);
}

/** Of what is no scalar only the kind. */
export function scalar(value: unknown): string | number | boolean | null {
  switch (typeof value) {
    case "string":
      return cut(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "bigint":
    case "symbol":
      return String(value);
    case "function":
      return "[Function]";
    default:
      return value === null || value === undefined ? null : kindOf(value);
  }
}

function kindOf(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (Array.isArray(value)) return `[Array(${value.length})]`;
  const { constructor } = value as { readonly constructor?: unknown };
  return `[${(typeof constructor === "function" && constructor.name) || "Object"}]`;
}

function cut(text: string): string {
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}...` : text;
}
