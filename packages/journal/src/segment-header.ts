import type { OpenFile } from "./file-system.ts";
import { JournalError } from "./journal-error.ts";
import { decodeLine, encodePaddedLine } from "./line.ts";

const FORMAT = "omniq-journal";
/** From 2 on, the lines that begin an append are marked. */
export const FORMAT_VERSION = 2;

/** The header has a fixed length, so that it can be written last. */
export const HEADER_BYTES = 512;

/** What the records are about: a name, and the version of their form. */
export interface ContentFormat {
  readonly name: string;
  readonly version: number;
}

/** The first line of a segment. */
export interface SegmentHeader {
  /** The form of the lines. */
  readonly version: number;
  /** The form of the records. */
  readonly content: ContentFormat;
  readonly segment: number;
  /** The segment before, and how many of its bytes count: what lies beyond counts for nothing. Null for the first. */
  readonly previous: { readonly segment: number; readonly length: number } | null;
  /**
   * Where the state ends that this segment begins with, in bytes from its beginning; it stands for all the segments
   * before it. Null where the segment goes on from the one before.
   */
  readonly base: number | null;
}

/** Whether the lines that begin an append are marked in the segment. */
export function isMarked({ version }: SegmentHeader): boolean {
  return version >= 2;
}

export function encodeHeader(header: SegmentHeader): Buffer {
  return encodePaddedLine("h", JSON.stringify({ format: FORMAT, ...header }), HEADER_BYTES);
}

/** @throws JournalError `damaged_journal`, `schema_too_new`, `foreign_journal` */
export function readHeader(file: OpenFile, path: string, content: ContentFormat): SegmentHeader {
  const bytes = file.read(0, HEADER_BYTES);
  const isWhole = bytes.length === HEADER_BYTES && bytes[HEADER_BYTES - 1] === 0x0a;
  const found = isWhole ? decodeLine("h", bytes.subarray(0, -1)) : undefined;
  if (typeof found !== "object" || found === null) {
    throw new JournalError(
      "damaged_journal",
      path,
      `The header of ${path} is damaged. Restore the file from a backup; nothing was changed.`,
      { offset: 0 },
    );
  }
  const header = found as SegmentHeader & { format: string };
  if (header.format !== FORMAT || header.content.name !== content.name) {
    throw new JournalError(
      "foreign_journal",
      path,
      `${path} holds ${header.format} of ${header.content.name}, not ${FORMAT} of ${content.name}. ` +
        "Name another folder; nothing was changed.",
    );
  }
  if (header.version > FORMAT_VERSION || header.content.version > content.version) {
    throw new JournalError(
      "schema_too_new",
      path,
      `${path} has format ${header.version}.${header.content.version}, and this release of OmniQ knows formats up to ` +
        `${FORMAT_VERSION}.${content.version}. Upgrade OmniQ to open it; nothing was changed.`,
    );
  }
  return {
    version: header.version,
    content: header.content,
    segment: header.segment,
    previous: header.previous,
    base: header.base,
  };
}
