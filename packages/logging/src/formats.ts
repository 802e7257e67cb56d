import { styleText } from "node:util";
import type { LogLevel } from "./log-level.ts";
import type { LogRecord } from "./log-record.ts";

/** One line of JSON, flat. */
export function jsonLine({ timestamp, level, logger, message, fields }: LogRecord): string {
  return `${JSON.stringify({ timestamp: isoTime(timestamp), level, logger, message, ...fields })}\n`;
}

const latest = { timestamp: Number.NaN, text: "" };

/** Many records are of one millisecond. */
function isoTime(timestamp: number): string {
  if (timestamp !== latest.timestamp)
    Object.assign(latest, { timestamp, text: new Date(timestamp).toISOString() });
  return latest.text;
}

const COLORS: Readonly<Record<LogLevel, "gray" | "green" | "yellow" | "red" | "magenta">> = {
  DEBUG: "gray",
  INFO: "green",
  WARNING: "yellow",
  ERROR: "red",
  CRITICAL: "magenta",
};

/** A line with the message and, where there are facts, one with them. Coloured where stderr is a terminal that shows colours. */
export function developmentLines(record: LogRecord): string {
  const { level, logger, line, message, fields } = record;
  const place = line === null ? logger : `${logger}:${line}`;
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    styleText(format, text, { stream: process.stderr });
  const first = [
    paint("gray", localTime(record.timestamp)),
    paint(COLORS[level], level.padEnd(8)),
    paint("cyan", oneLine(place)),
    oneLine(message),
  ].join(" | ");
  const facts = Object.entries(fields)
    // By default the correlation id is the task's own, and says nothing more.
    .filter(([key, value]) => key !== "correlation_id" || value !== fields["task_id"])
    .map(([key, value]) => `${oneLine(key)}: ${oneLine(String(value))}`);
  return facts.length === 0 ? `${first}\n` : `${first}\n${paint("gray", `└── ${facts.join(" | ")}`)}\n`;
}

/** Local time, as everything else on a developer's screen. */
function localTime(timestamp: number): string {
  const date = new Date(timestamp);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const CONTROL = /[\p{Cc}\u2028\u2029]/gu;

/** A text that breaks no line and moves no cursor: nothing that is logged can look like a record of its own. */
function oneLine(text: string): string {
  return text.replace(CONTROL, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
