import { type Facts, type FlatFields, arrange } from "./flat-fields.ts";
import type { LogLevel } from "./log-level.ts";

/** One thing that was logged. */
export interface LogRecord {
  /** When, in milliseconds since the epoch. */
  readonly timestamp: number;
  readonly level: LogLevel;
  /** The name of the logger. */
  readonly logger: string;
  /** The line of the source that logged it; null in PROD, where finding it would cost too much. */
  readonly line: number | null;
  readonly message: string;
  /** The facts around it, those of the task first. */
  readonly fields: FlatFields;
}

/** A record whose facts are not brought together yet: that is left to when it is written. */
export interface Entry extends Omit<LogRecord, "fields"> {
  /** In force and bound, a later one over an earlier. */
  readonly facts: readonly Facts[];
  /** Those of the call, over all others. */
  readonly own: FlatFields | null;
}

export function recordOf({ facts, own, ...rest }: Entry): LogRecord {
  const parts = facts.map(({ flat }) => flat);
  if (own) parts.push(own);
  return { ...rest, fields: arrange(parts) };
}
