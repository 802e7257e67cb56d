import type { FileSystem, OpenFile } from "./file-system.ts";
import { JournalError } from "./journal-error.ts";
import { type ContentFormat, type SegmentHeader, readHeader } from "./segment-header.ts";
import { type SegmentNames, meaningOf, segmentNumbers } from "./segment-names.ts";

export interface Segment {
  readonly number: number;
  readonly file: OpenFile;
  readonly header: SegmentHeader;
}

const NO_HEADER: SegmentHeader = {
  version: 0,
  content: { name: "", version: 0 },
  segment: 0,
  previous: null,
  base: null,
};

/** Opens the segments that make up the journal, the first of them standing by itself. */
export function openChain(
  files: FileSystem,
  names: SegmentNames,
  format: ContentFormat,
): readonly Segment[] | "none" | "moved" {
  const numbers = segmentNumbers(files.list(names.folder));
  const newest = numbers.at(-1);
  if (newest === undefined) return "none";
  const chain: Segment[] = [];
  try {
    for (let number = newest; ; number--) {
      const path = names.segment(number);
      const file = files.open(path);
      if (!file) {
        if (segmentNumbers(files.list(names.folder)).at(-1) !== newest) {
          closeAll(chain);
          return "moved";
        }
        throw new JournalError(
          "damaged_journal",
          path,
          `${path} is missing, and later segments go on from it. Restore it from a backup; nothing was changed.`,
        );
      }
      chain.unshift({ number, file, header: NO_HEADER });
      const header = readHeader(file, path, format);
      chain[0] = { number, file, header };
      if (header.base !== null) return chain;
    }
  } catch (error) {
    closeAll(chain);
    throw error;
  }
}

/**
 * Archives go before the last segment: where there are some and no segment, the journal that names them was lost. Those
 * that were never named have their drafts beside them.
 *
 * @throws JournalError `damaged_journal`
 */
export function refuseLostJournal(files: FileSystem, names: SegmentNames): void {
  const found = files.list(names.folder).map(meaningOf);
  if (found.some((meaning) => meaning?.kind === "segment")) return;
  const drafts = new Set(
    found.flatMap((meaning) => (meaning?.kind === "archive draft" ? [meaning.name] : [])),
  );
  const lost = found.find((meaning) => meaning?.kind === "archive" && !drafts.has(meaning.name));
  if (!lost) return;
  throw new JournalError(
    "damaged_journal",
    names.folder,
    `${names.folder} holds archives, and no segment of the journal that names them. Restore it from a backup; nothing was changed.`,
  );
}

function closeAll(chain: readonly Segment[]): void {
  for (const { file } of chain) file.close();
}
