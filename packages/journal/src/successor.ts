import type { FileSystem, OpenFile } from "./file-system.ts";
import { wholeLength } from "./lines.ts";
import {
  type ContentFormat,
  FORMAT_VERSION,
  HEADER_BYTES,
  type SegmentHeader,
  encodeHeader,
  isMarked,
  readHeader,
} from "./segment-header.ts";
import type { SegmentNames } from "./segment-names.ts";

/*
 * How a segment is taken from a holder that does not move, and why that is safe without a lock that the kernel keeps.
 *
 * A holder writes its lines, syncs them, and only then looks whether `journal-<n>.taken` is there; it acknowledges
 * nothing before. Whoever wants to take over
 *
 *   1. makes `journal-<n>.taken`,
 *   2. only then reads how much of segment n was written whole, and syncs that,
 *   3. makes segment n+1, whose header says so many bytes of segment n count. The segment is written and synced under
 *      another name and then linked to its own, which fails if it is there: of several takers the first decides.
 *
 * If the holder sees no `.taken` after its sync, its lines were written before step 1, so step 2 has counted them. If it
 * sees it, it reads the header of segment n+1: lines within that length count, the others do not and never will, however
 * late they were written. Nobody appends to segment n any more: whoever gets its lock looks for `.taken` and for segment
 * n+1 first, and a holder that has got beyond that look is the one who was taken over.
 */

/** Makes the segments that go on where others end. */
export class Successors {
  readonly #files: FileSystem;
  readonly #names: SegmentNames;
  readonly #content: ContentFormat;
  readonly #holderId: string;

  constructor(files: FileSystem, names: SegmentNames, content: ContentFormat, holderId: string) {
    this.#files = files;
    this.#names = names;
    this.#content = content;
    this.#holderId = holderId;
  }

  /** Resolves to take a segment from whoever holds it: the first step. */
  announce(segment: number): void {
    try {
      this.#files.create(this.#names.taken(segment)).close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }

  /**
   * Ends a segment and begins the next, unless somebody has done so. Answers how many bytes of it count; null where
   * the next one was left behind already, so that nobody knows.
   *
   * @param from where whole lines are known to end
   * @param length how much counts, where the caller holds the lock and knows
   */
  async succeed(segment: number, file: OpenFile, from: number, length?: number): Promise<number | null> {
    if (!this.#files.exists(this.#names.segment(segment + 1))) {
      const whole = length ?? wholeLength(file, from, this.#isMarked(segment, file));
      if (length === undefined) await file.sync();
      const previous = { segment, length: whole };
      // A segment that has lost its name was left behind, and so was what came after it.
      await this.create({ segment: segment + 1, previous, base: null }, () => file.look().isNamed);
    }
    const counted = this.#lengthIn(segment + 1);
    // What does not count is in the way of those who read the files.
    if (counted !== null && file.look().size > counted) file.truncate(counted);
    return counted;
  }

  /** Makes the first segment of all. */
  begin(): Promise<void> {
    return this.create({ segment: 1, previous: null, base: HEADER_BYTES });
  }

  /**
   * Makes a segment that is a header only. Where somebody was faster, theirs stands.
   *
   * @param isWanted is asked when the segment has been written, before it gets its name
   */
  async create(
    header: Omit<SegmentHeader, "version" | "content">,
    isWanted: () => boolean = () => true,
  ): Promise<void> {
    const path = this.#names.draft(header.segment, this.#holderId);
    this.#files.remove(path);
    const draft = this.#files.create(path);
    try {
      draft.write(encodeHeader({ version: FORMAT_VERSION, content: this.#content, ...header }), 0);
      await draft.sync();
      if (!isWanted()) return;
      this.#link(path, this.#names.segment(header.segment));
      await this.#files.syncFolder(this.#names.folder);
    } finally {
      draft.close();
      this.#files.remove(path);
    }
  }

  #link(draft: string, segment: string): void {
    try {
      this.#files.link(draft, segment);
    } catch (error) {
      // Whoever has left the segment before behind has removed what was to follow it.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }

  #isMarked(segment: number, file: OpenFile): boolean {
    return isMarked(readHeader(file, this.#names.segment(segment), this.#content));
  }

  #lengthIn(segment: number): number | null {
    const path = this.#names.segment(segment);
    const file = this.#files.open(path);
    if (!file) return null;
    try {
      return readHeader(file, path, this.#content).previous?.length ?? null;
    } finally {
      file.close();
    }
  }
}
