import { crc32 } from "node:zlib";

/*
 * A line of the journal is one JSON object, so that any tool for JSON lines reads it:
 *
 *   {"c":"9f3a0c11","r":[...]}
 *
 * `c` is the CRC-32 of the UTF-8 text of what stands under `r` (a record), `h` (the header of a segment) or `f` (the
 * footer of an archive), in eight hexadecimal digits, so that the text begins and ends at fixed places of the line.
 */

const TEXT_START = 20;
const SPACE = 0x20;

/** What a line holds: a record, a header, or a part of the footer of an archive. */
export type LineKind = "r" | "h" | "f";

/** The line of a JSON text, without its line feed. The first of an append ends with a space. */
export function encodeLine(kind: LineKind, json: string, isFirst = false): string {
  const end = isFirst ? " " : "";
  return `{"c":"${crc32(json).toString(16).padStart(8, "0")}","${kind}":${json}}${end}`;
}

/** Whether an append begins with a line, so that all that stands before it was on the disk once. */
export function beginsAppend(line: Buffer): boolean {
  return line.at(-1) === SPACE;
}

/** The JSON text of a line without its line feed; undefined where the checksum is not that of the text. */
export function jsonOfLine(kind: LineKind, line: Buffer): Buffer | undefined {
  let end = line.length;
  while (end > 0 && line[end - 1] === SPACE) end--;
  if (end < TEXT_START + 2 || line.toString("latin1", 14, TEXT_START) !== `","${kind}":`) return undefined;
  const text = line.subarray(TEXT_START, end - 1);
  if (line.toString("latin1", 0, 14) !== `{"c":"${crc32(text).toString(16).padStart(8, "0")}`)
    return undefined;
  return line[end - 1] === 0x7d ? text : undefined;
}

/** The JSON value of a line without its line feed; undefined where the checksum is not that of the text. */
export function decodeLine(kind: LineKind, line: Buffer): unknown {
  const json = jsonOfLine(kind, line);
  return json && (JSON.parse(json.toString()) as unknown);
}
