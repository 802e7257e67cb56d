import { type Segment, openChain } from "./chain.ts";
import type { JournalContent } from "./content.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import { JournalError } from "./journal-error.ts";
import { jsonOfLine } from "./line.ts";
import { type Line, wholeLinesOf } from "./lines.ts";
import { HEADER_BYTES, type SegmentHeader, isMarked, readHeader } from "./segment-header.ts";
import type { SegmentNames } from "./segment-names.ts";

/** How much is taken in at a stretch: some tens of milliseconds of work. */
const STRETCH_BYTES = 4 * 1024 * 1024;
/** How many lines are taken in between two turns of the event loop, where nobody waits for a lock. */
const LINES_A_TURN = 1000;

/**
 * How far one process has taken in a journal.
 *
 * Lines of the newest segment are taken in under its lock only: then each is either acknowledged, or will be by nobody
 * but a holder who has failed, and who has cut it off or left it to count. What later segments have sealed never changes
 * and needs no lock.
 */
export class Tail {
  readonly #files: FileSystem;
  readonly #names: SegmentNames;
  readonly #content: JournalContent;
  #segment: Segment | null = null;
  #first = 0;
  #end = 0;
  /** How long the newest segment is; beyond its end while zeros stand after its lines, which this process then has put there. */
  #size = 0;
  /** How many records of the newest segment were taken in or written. */
  #records = 0;
  /** The size of the content when it was the state that the newest segment begins with. */
  #baseSize = 0;
  /** Whether the content was told that it has all. */
  #isCaughtUp = false;

  constructor(files: FileSystem, names: SegmentNames, content: JournalContent) {
    this.#files = files;
    this.#names = names;
    this.#content = content;
  }

  get isLoaded(): boolean {
    return this.#segment !== null;
  }

  /** The segment that new lines go to, as far as is known here. */
  get number(): number {
    return this.#loaded.number;
  }

  /** The segment that the journal begins with: those before it are not needed any more. */
  get first(): number {
    return this.#first;
  }

  get file(): OpenFile {
    return this.#loaded.file;
  }

  get path(): string {
    return this.#names.segment(this.number);
  }

  /** Up to where the newest segment was taken in. */
  get end(): number {
    return this.#end;
  }

  get size(): number {
    return this.#size;
  }

  /** How long the state is that the newest segment begins with. */
  get baseBytes(): number {
    return this.#loaded.header.base ?? 0;
  }

  /**
   * About how long the state would be if a segment began with it now: as long as the one that the newest begins with, or
   * what is left of it; longer where there is more to tell than that, as long as the records are on the average.
   */
  get stateBytes(): number {
    const size = this.#content.size?.() ?? this.#baseSize;
    const left = this.baseBytes * (size < this.#baseSize ? size / this.#baseSize : 1);
    const average = (this.#end - HEADER_BYTES) / Math.max(1, this.#records);
    return Math.min(this.#end, Math.max(left, size * average));
  }

  /** Whether the newest segment's records may be of the newest form. */
  get isFormCurrent(): boolean {
    return this.#loaded.header.content.version >= this.#content.format.version;
  }

  /** Whether all is in memory that was acknowledged when this process last had the lock. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  /** Whether nothing was written that is not in memory. */
  isCurrent(): boolean {
    if (!this.#segment || !this.#isCaughtUp) return false;
    const { size, isNamed } = this.file.look();
    return size === this.#size && isNamed && !this.#files.exists(this.#names.segment(this.number + 1));
  }

  /** What is in memory is not what the journal says: all is read anew before the next use. */
  forget(): void {
    this.#segment?.file.close();
    this.#segment = null;
  }

  /** Lines were written at the end, by this process, and are in memory already. */
  wrote(end: number, records: number, size: number): void {
    this.#end = end;
    this.#size = size;
    this.#records += records;
  }

  /** Takes away the zeros after the lines. To be called under the lock of that segment, which is given back after it. */
  trim(segment: number): void {
    if (this.#segment?.number !== segment || this.#size === this.#end) return;
    this.#size = this.#end;
    try {
      this.file.truncate(this.#end);
    } catch {
      // Whoever has the lock next takes it for what a torn append has left.
    }
  }

  /** A segment that this process has made holds what is in memory, up to its end. */
  moveTo(number: number, file: OpenFile, header: SegmentHeader, end: number, baseSize: number): void {
    this.#segment?.file.close();
    this.#segment = { number, file, header };
    this.#first = number;
    this.#end = end;
    this.#size = end;
    this.#records = baseSize;
    this.#baseSize = baseSize;
  }

  /** Reads all but the newest lines. False where there is no segment at all. */
  async load(): Promise<boolean> {
    for (;;) {
      const chain = openChain(this.#files, this.#names, this.#content.format);
      if (chain === "none") return false;
      if (chain === "moved") continue;
      const [first] = chain;
      const newest = chain.at(-1);
      if (!first || !newest) continue;
      try {
        this.#content.clear();
        for (const [index, segment] of chain.entries()) {
          const next = chain[index + 1];
          this.#segment = segment;
          this.#end = HEADER_BYTES;
          this.#records = 0;
          await this.#takeIn(next?.header.previous?.length ?? segment.header.base ?? HEADER_BYTES);
        }
        this.#first = first.number;
        this.#size = this.#end;
        this.#baseSize = this.#content.size?.() ?? 0;
        return true;
      } catch (error) {
        newest.file.close();
        this.#segment = null;
        throw error;
      } finally {
        for (const { file } of chain) if (file !== newest.file) file.close();
      }
    }
  }

  /** Goes on to the segment that follows, or forgets all where that was left behind already. */
  async follow(): Promise<void> {
    const path = this.#names.segment(this.number + 1);
    const file = this.#files.open(path);
    if (!file) {
      this.forget();
      return;
    }
    try {
      const header = readHeader(file, path, this.#content.format);
      const counted = header.previous?.segment === this.number ? header.previous.length : 0;
      // Lines that were taken in here have turned out not to count.
      if (counted < this.#end) {
        this.forget();
        file.close();
        return;
      }
      await this.#takeIn(counted);
      this.#loaded.file.close();
      this.#segment = { number: this.number + 1, file, header };
      if (header.base !== null) this.#first = header.segment;
      this.#baseSize = this.#content.size?.() ?? 0;
      this.#records = header.base === null ? 0 : this.#baseSize;
      this.#end = header.base ?? HEADER_BYTES;
      this.#size = this.#end;
    } catch (error) {
      file.close();
      this.forget();
      throw error;
    }
  }

  /**
   * Takes in what others have appended, and cuts off what was not written whole. To be called under the lock. False
   * where there is more: then the lock is to be given to others in between.
   */
  catchUp(): boolean {
    if (!this.#takeInNewest()) return false;
    this.#content.caughtUp?.();
    this.#isCaughtUp = true;
    return true;
  }

  get #loaded(): Segment {
    if (!this.#segment) throw new Error("The journal is not loaded.");
    return this.#segment;
  }

  #takeInNewest(): boolean {
    const { size } = this.file.look();
    if (size === this.#size) return true;
    const begin = this.#end;
    let to = Math.min(size, begin + STRETCH_BYTES);
    for (;;) {
      for (const line of wholeLinesOf(this.file, this.#end, to, isMarked(this.#loaded.header)))
        this.#apply(line);
      if (to === size) break;
      if (this.#end > begin) return false;
      to = size;
    }
    if (size > this.#end) this.file.truncate(this.#end);
    this.#size = this.#end;
    return true;
  }

  /** Takes in what is sealed, up to where it counts. */
  async #takeIn(to: number): Promise<void> {
    this.#isCaughtUp = false;
    let lines = 0;
    // All of it was on the disk, so what is not there any more hides nothing that follows.
    for (const line of wholeLinesOf(this.file, this.#end, to, false)) {
      this.#apply(line);
      if (++lines % LINES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#end < to) {
      this.#report("", this.#end, `${to - this.#end} bytes are missing or unreadable`);
      this.#end = to;
    }
  }

  #apply({ bytes, offset, next }: Line): void {
    const record = jsonOfLine("r", bytes);
    if (!record) this.#report(bytes.toString(), offset, "its checksum is not that of its text");
    else this.#content.apply(record);
    this.#end = next;
    this.#records++;
  }

  #report(line: string, offset: number, what: string): void {
    const { path } = this;
    const message = `${path} is damaged at byte ${offset}: ${what}. What else it holds can be used.`;
    this.#content.damaged(line, new JournalError("damaged_record", path, message, { offset }));
  }
}
