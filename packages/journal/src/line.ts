import { crc32 } from "node:zlib";

/*
 * A line of the journal is one JSON object, so that any tool for JSON lines reads it:
 *
 *   {"c":"9f3a0c11","r":[...]}
 *
 * `c` is the CRC-32 of the UTF-8 text of what stands under `r` (a record), `h` (the header of a segment) or `f` (the
 * footer of an archive), in eight hexadecimal digits, so that the text begins and ends at fixed places of the line.
 */

const CHECKSUM_START = 6;
const CHECKSUM_DIGITS = 8;
const TEXT_START = 20;
const DIGITS = Buffer.from("0123456789abcdef");
const SPACE = 0x20;
const CLOSING_BRACE = 0x7d;
const LINE_FEED = 0x0a;

/** What a line holds: a record, a header, or a part of the footer of an archive. */
export type LineKind = "r" | "h" | "f";

/** What stands before the text, by the kind of line. */
const HEADS: { readonly [Kind in LineKind]: Buffer } = { r: headOf("r"), h: headOf("h"), f: headOf("f") };

function headOf(kind: LineKind): Buffer {
  return Buffer.from(`{"c":"${"0".repeat(CHECKSUM_DIGITS)}","${kind}":`);
}

/** The line of a JSON text, with its line feed. */
export function encodeLine(kind: LineKind, json: string | Buffer): Buffer {
  return lineOf(kind, typeof json === "string" ? Buffer.from(json) : json, 0);
}

/** The same, made so many bytes long by spaces. */
export function encodePaddedLine(kind: LineKind, json: string, length: number): Buffer {
  const text = Buffer.from(json);
  return lineOf(kind, text, length - lineLength(text, 0));
}

function lineOf(kind: LineKind, text: Buffer, spaces: number): Buffer {
  const line = Buffer.allocUnsafe(lineLength(text, spaces));
  writeLine(line, 0, kind, text, spaces);
  return line;
}

/** How many bytes the line of a text takes, with its line feed. */
export function lineLength(text: Buffer, spaces: number): number {
  return TEXT_START + text.length + spaces + 2;
}

/** Writes the line of a JSON text to a place in a buffer. The first of an append ends with a space. */
export function writeLine(to: Buffer, start: number, kind: LineKind, text: Buffer, spaces: number): void {
  const end = start + TEXT_START + text.length;
  HEADS[kind].copy(to, start);
  const checksum = crc32(text);
  for (let digit = 0; digit < CHECKSUM_DIGITS; digit++)
    to[start + CHECKSUM_START + digit] = DIGITS[(checksum >>> (28 - 4 * digit)) & 15] as number;
  text.copy(to, start + TEXT_START);
  to[end] = CLOSING_BRACE;
  if (spaces > 0) to.fill(SPACE, end + 1, end + 1 + spaces);
  to[end + 1 + spaces] = LINE_FEED;
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
  if (line.toString("latin1", 0, 14) !== `{"c":"${checksumOf(text)}`) return undefined;
  return line[end - 1] === CLOSING_BRACE ? text : undefined;
}

/** The JSON value of a line without its line feed; undefined where the checksum is not that of the text. */
export function decodeLine(kind: LineKind, line: Buffer): unknown {
  const json = jsonOfLine(kind, line);
  return json && (JSON.parse(json.toString()) as unknown);
}

function checksumOf(text: Buffer): string {
  return crc32(text).toString(16).padStart(8, "0");
}
