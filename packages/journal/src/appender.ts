import type { StorageOutcome } from "@omniq/core";
import type { FileSystem } from "./file-system.ts";
import type { Holder } from "./holder.ts";
import { toJournalError } from "./journal-error.ts";
import type { SegmentNames } from "./segment-names.ts";
import type { Successors } from "./successor.ts";
import type { Tail } from "./tail.ts";

/**
 * What became of bytes that were to be appended: up to where in the segment they are on the disk and count. `unknown`
 * where nobody knows; `failed` where the disk refused.
 */
export type Appended =
  | { readonly status: "counted"; readonly upTo: number }
  | { readonly status: "unknown" }
  | { readonly status: "failed"; readonly error: Error };

/**
 * What a file is made longer by at a time where commits follow one another, so that there is room for four more of them at
 * least: a sync that has to find it takes twice as long as one of what is written over. It is no more than that, since of
 * very many a copy that is made meanwhile might miss some in the middle; longer ones take their time anyway.
 */
const GROWTHS = [16_384, 65_536, 262_144];
const APPENDS_AHEAD = 4;
const ZEROS = Buffer.alloc(Math.max(...GROWTHS));

/** Appends to the newest segment. To be used under its lock only. */
export class Appender {
  readonly #files: FileSystem;
  readonly #names: SegmentNames;
  readonly #holder: Holder;
  readonly #tail: Tail;
  readonly #successors: Successors;
  /** The segment whose name is on the disk for certain. */
  #namedSegment = 0;

  constructor(files: FileSystem, names: SegmentNames, holder: Holder, tail: Tail, successors: Successors) {
    this.#files = files;
    this.#names = names;
    this.#holder = holder;
    this.#tail = tail;
    this.#successors = successors;
  }

  /**
   * Writes and syncs lines whose effect is in memory already. Where not all of them count, what is in memory is forgotten.
   *
   * @param isInARow whether others are to be expected at once: then there is room made for them, zeros being after the lines
   */
  async append(lines: Buffer, records: number, isInARow: boolean): Promise<Appended> {
    const { file, end: start, size, number, path } = this.#tail;
    const end = start + lines.length;
    const growth = GROWTHS.find((bytes) => bytes >= APPENDS_AHEAD * lines.length) ?? 0;
    const padding = isInARow && end > size && growth > 0 ? growth - (end % growth) : 0;
    let isWritten = false;
    try {
      file.write(lines, start);
      if (padding > 0) file.write(ZEROS.subarray(0, padding), end);
      isWritten = true;
      await file.sync();
      // Whoever made the segment may have died before its name was on the disk.
      if (this.#namedSegment !== number) await this.#files.syncFolder(this.#names.folder);
      this.#namedSegment = number;
    } catch (error) {
      const outcome = await this.#takeBack(start, isWritten);
      return { status: "failed", error: toJournalError(error, path, outcome) };
    }
    try {
      if (!this.#holder.has(number)) {
        const counted = await this.#successors.succeed(number, file, start);
        this.#tail.forget();
        return counted === null ? { status: "unknown" } : { status: "counted", upTo: counted };
      }
    } catch (error) {
      this.#tail.forget();
      return { status: "failed", error: toJournalError(error, path, "unknown") };
    }
    this.#tail.wrote(end, records, Math.max(size, end + padding));
    return { status: "counted", upTo: end };
  }

  /** After a failure: what was written shall count for nothing, and the outcome says whether that is certain. */
  async #takeBack(start: number, isWritten: boolean): Promise<StorageOutcome> {
    const { number, path } = this.#tail;
    this.#tail.forget();
    try {
      const file = this.#files.open(path);
      if (!file) return "unknown";
      try {
        if (this.#files.exists(this.#names.taken(number))) {
          const counted = await this.#successors.succeed(number, file, start);
          return counted !== null && counted <= start ? "not-applied" : "unknown";
        }
        if (file.look().size > start) {
          file.truncate(start);
          if (!isWritten) await file.sync();
        }
        if (!isWritten) return "not-applied";
        // Once a sync has failed, a later one may succeed without anything being on the disk: the segment is left.
        const counted = await this.#successors.succeed(number, file, start, start);
        return counted === start ? "not-applied" : "unknown";
      } finally {
        file.close();
      }
    } catch {
      return "unknown";
    }
  }
}
