import { format } from "node:util";
import type { LogFields } from "@omniq/core";
import { scalar } from "./flat-fields.ts";

const PLACEHOLDER = /%[sdifjoOc]/g;

/** What the arguments of a log call say. */
export interface Message {
  readonly text: string;
  readonly fields: LogFields | null;
}

/**
 * Arguments go to the placeholders of the message, as in `console.log`, an object as its kind alone; one more may follow,
 * which is no part of the text: an object of facts, or an Error. An Error in place of the message is both: its text, and
 * that fact.
 */
export function readMessage(message: unknown, args: readonly unknown[]): Message {
  if (message instanceof Error)
    return { text: `${message.name}: ${message.message}`, fields: { error: message } };
  if (typeof message !== "string") return { text: String(scalar(message)), fields: fieldsOf(args.at(-1)) };
  if (args.length === 0) return { text: message, fields: null };
  const wanted = message.includes("%") ? (message.replaceAll("%%", "").match(PLACEHOLDER)?.length ?? 0) : 0;
  const fields = args.length > wanted ? fieldsOf(args.at(-1)) : null;
  const values = fields ? args.slice(0, -1) : args;
  return { text: values.length === 0 ? message : format(message, ...values.map(shown)), fields };
}

/** As little of a value as of a fact. */
function shown(value: unknown): unknown {
  return value === undefined ? value : scalar(value);
}

function fieldsOf(value: unknown): LogFields | null {
  if (value instanceof Error) return { error: value };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as LogFields;
}
