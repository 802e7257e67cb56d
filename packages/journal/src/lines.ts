import type { OpenFile } from "./file-system.ts";
import { beginsAppend } from "./line.ts";

const LINE_FEED = 0x0a;
/** So much is read at a time, and more of lines that are longer. */
const CHUNK_BYTES = 128 * 1024;

/** A line in a file, without its line feed, and where the next one begins. */
export interface Line {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly next: number;
}

/** The whole lines of a file between two places, in order; what has no line feed yet is no line. */
export function* linesOf(file: OpenFile, from: number, to: number): Generator<Line> {
  let offset = from;
  let length = CHUNK_BYTES;
  while (offset < to) {
    const chunk = file.read(offset, Math.min(length, to - offset));
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      yield { bytes: chunk.subarray(start, end), offset: offset + start, next: offset + end + 1 };
      start = end + 1;
    }
    offset += start;
    if (start > 0) continue;
    // A line that is longer than what was read is read anew, with what follows.
    if (chunk.length < length) return;
    length *= 2;
  }
}

/**
 * The lines between two places, but for what a torn append has left at the end. A line with a byte 0 is a piece of the file
 * that the disk has not got: of an append that was under way when the power failed, or, where something follows that was
 * written after it, of one that was damaged since.
 *
 * @param isMarked whether the lines that begin an append are marked as such: then what follows in the same append does
 *   not count as written after it
 */
export function* wholeLinesOf(file: OpenFile, from: number, to: number, isMarked: boolean): Generator<Line> {
  let torn: Line[] = [];
  for (const line of linesOf(file, from, to)) {
    const isHole = line.bytes.includes(0);
    if (isHole || (torn.length > 0 && isMarked && !beginsAppend(line.bytes))) {
      torn.push(line);
      continue;
    }
    yield* torn;
    torn = [];
    yield line;
  }
}

/** Where the last line ends that was written whole. */
export function wholeLength(file: OpenFile, from: number, isMarked: boolean): number {
  let length = from;
  for (const { next } of wholeLinesOf(file, from, file.look().size, isMarked)) length = next;
  return length;
}
