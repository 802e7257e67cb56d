import type { OpenFile } from "@omniq/journal";
import type { Archive } from "./archive.ts";
import { ColumnsBuilder } from "./archive-columns.ts";
import type { ArchivedEntry } from "./entries.ts";
import { inOrder } from "./in-order.ts";
import { rangesOf } from "./ranges.ts";

/** How much of a file is read at a time. */
const WINDOW_BYTES = 64 * 1024;

/** A line of an archive that is to be taken over. */
interface Source {
  readonly from: number;
  readonly ordinal: number;
  readonly sequence: number;
  readonly line: Buffer;
}

/** Several archives as one, without what has gone of them. Lines are copied as they are, those that cannot be read too. */
export class Merge {
  readonly builder: ColumnsBuilder;
  readonly #archives: readonly Archive[];
  readonly #files: OpenFile[] = [];
  /** Which archive each line is from, and its ordinal there. */
  readonly #from: Uint8Array;
  readonly #ordinal: Uint32Array;

  /** @param open opens an archive anew: others may drop it while this goes on */
  constructor(archives: readonly Archive[], open: (name: string) => OpenFile | null) {
    const most = archives.reduce((sum, { left }) => sum + left, 0);
    this.builder = new ColumnsBuilder(most);
    this.#archives = archives;
    this.#from = new Uint8Array(most);
    this.#ordinal = new Uint32Array(most);
    for (const { name } of archives) {
      const file = open(name);
      if (file) this.#files.push(file);
    }
  }

  *lines(): Generator<Buffer> {
    // One was dropped by another process: the record would not be made.
    if (this.#files.length < this.#archives.length) return;
    const hashes = this.#archives.map(hashesOf);
    for (const { from, ordinal, line } of inOrder(
      this.#archives.map((_archive, index) => this.#left(index)),
    )) {
      this.#from[this.builder.count] = from;
      this.#ordinal[this.builder.count] = ordinal;
      this.builder.addFrom(
        (this.#archives[from] as Archive).columns,
        ordinal,
        hashes[from]?.[ordinal] as number,
      );
      yield line;
    }
  }

  /** The entry that moves the lines, what has gone since being marked; null where an archive is not there any more. */
  entryOf(file: string, archiveOf: (name: string) => Archive | undefined): ArchivedEntry | null {
    const present = this.#archives.flatMap(({ name }) => archiveOf(name) ?? []);
    if (present.length < this.#archives.length || this.builder.count === 0) return null;
    const ordinals = Array.from({ length: this.builder.count }, (_none, index) => index);
    const gone = (what: "goneTasks" | "goneResults") =>
      rangesOf(
        ordinals.filter((index) =>
          present[this.#from[index] as number]?.[what].has(this.#ordinal[index] as number),
        ),
      );
    return {
      file,
      count: this.builder.count,
      replaces: present.map(({ name }) => name),
      tasks: gone("goneTasks"),
      results: gone("goneResults"),
    };
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  /** The lines of one archive of which something is left. */
  *#left(from: number): Generator<Source> {
    const archive = this.#archives[from] as Archive;
    const file = this.#files[from] as OpenFile;
    const { offset, sequence } = archive.columns;
    let window: Buffer = Buffer.alloc(0);
    let start = 0;
    for (let ordinal = 0; ordinal < archive.count; ordinal++) {
      if (!archive.isLeft(ordinal)) continue;
      const begin = offset[ordinal] as number;
      const end = offset[ordinal + 1] as number;
      if (begin < start || end > start + window.length) {
        start = begin;
        window = file.read(begin, Math.max(WINDOW_BYTES, end - begin));
      }
      const line = window.subarray(begin - start, end - start);
      yield { from, ordinal, sequence: sequence[ordinal] as number, line };
    }
  }
}

/** The hash of each task. */
function hashesOf({ columns: { hash, ordinal } }: Archive): Uint32Array {
  const hashes = new Uint32Array(hash.length);
  for (const [index, number] of ordinal.entries()) hashes[number] = hash[index] as number;
  return hashes;
}
