import type { OpenFile } from "./file-system.ts";

const LINE_FEED = 0x0a;
const CHUNK_BYTES = 1024 * 1024;

/** A line in a file, without its line feed, and where the next one begins. */
export interface Line {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly next: number;
}

/** The whole lines of a file between two places, in order; what has no line feed yet is no line. */
export function* linesOf(file: OpenFile, from: number, to: number): Generator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = from;
  let position = from;
  while (position < to) {
    const chunk = file.read(position, Math.min(CHUNK_BYTES, to - position));
    if (chunk.length === 0) return;
    position += chunk.length;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (;;) {
      // What was looked through before holds no line feed.
      const end = bytes.indexOf(LINE_FEED, Math.max(start, start === 0 ? rest.length : start));
      if (end < 0) break;
      yield { bytes: bytes.subarray(start, end), offset: offset + start, next: offset + end + 1 };
      start = end + 1;
    }
    offset += start;
    rest = bytes.subarray(start);
  }
}

/**
 * Where the last line ends that was written whole. A line with a byte 0 never was: it is a piece of the file that the
 * disk has not got, of a write that was under way when the power failed.
 */
export function wholeLength(file: OpenFile, from: number): number {
  let length = from;
  for (const { bytes, next } of linesOf(file, from, file.look().size)) {
    if (!bytes.includes(0)) length = next;
  }
  return length;
}
