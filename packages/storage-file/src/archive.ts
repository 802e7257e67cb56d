import { JournalError, type OpenFile } from "@omniq/journal";
import type { TaskFilter } from "@omniq/storage-memory";
import { type Columns, kindsAmong, placeOf } from "./archive-columns.ts";
import { columnsFromLines, readFooter } from "./archive-footer.ts";
import { type Archived, decodeArchived } from "./archived-line.ts";
import { BitSet } from "./bit-set.ts";
import { HashIndex } from "./hash-index.ts";
import type { ArchiveState, Gone } from "./entries.ts";
import { numbersIn, rangesOf } from "./ranges.ts";

const NONE: readonly number[] = [];

/** The part of an archive that never changes. */
export interface ArchiveFile {
  readonly file: OpenFile;
  readonly columns: Columns;
}

/**
 * An archive as the journal refers to it. Its tasks are known by their ordinals: that of the first line is 0. A task and
 * its result go each by itself; a task without a result is one whose result has gone.
 */
export class Archive {
  readonly name: string;
  readonly path: string;
  readonly goneTasks: BitSet;
  readonly goneResults: BitSet;
  readonly #onDamage: (error: JournalError) => void;
  readonly #told = new Set<number>();
  #opened: ArchiveFile | null = null;
  #hashIndex: HashIndex | null = null;
  #left: number;

  constructor(state: ArchiveState, path: string, onDamage: (error: JournalError) => void) {
    this.name = state.file;
    this.path = path;
    this.goneTasks = new BitSet(state.count);
    this.goneResults = new BitSet(state.count);
    this.#onDamage = onDamage;
    this.#left = state.count;
    this.mark(state);
  }

  get count(): number {
    return this.goneTasks.size;
  }

  /** How many lines there are of which something is left. */
  get left(): number {
    return this.#left;
  }

  isLeft(ordinal: number): boolean {
    return !this.goneTasks.has(ordinal) || !this.goneResults.has(ordinal);
  }

  get state(): ArchiveState {
    const { tasks, results } = this.gone;
    return { file: this.name, count: this.count, ...(tasks && { tasks }), ...(results && { results }) };
  }

  get gone(): Gone {
    return {
      ...(this.goneTasks.count > 0 && { tasks: rangesOf(this.goneTasks) }),
      ...(this.goneResults.count > 0 && { results: rangesOf(this.goneResults) }),
    };
  }

  /** How many tasks cannot be read, as far as has been noticed. */
  get unreadable(): number {
    return this.#told.size;
  }

  get opened(): ArchiveFile | null {
    return this.#opened;
  }

  get columns(): Columns {
    if (!this.#opened) throw new Error("The archive is not open.");
    return this.#opened.columns;
  }

  /** @param known where the file is open already */
  open(known: ArchiveFile | undefined, open: () => OpenFile | null): void {
    this.#opened ??= known ?? this.#read(open());
    this.#hashIndex ??= new HashIndex(this.columns.hash);
  }

  mark({ tasks = [], results = [] }: Gone): void {
    for (const ordinal of numbersIn(tasks))
      if (this.goneTasks.add(ordinal) && this.goneResults.has(ordinal)) this.#left--;
    for (const ordinal of numbersIn(results))
      if (this.goneResults.add(ordinal) && this.goneTasks.has(ordinal)) this.#left--;
  }

  /** Those whose id has the hash, and of which something is left. */
  withHash(hash: number): readonly number[] {
    const { hash: hashes, ordinal } = this.columns;
    const first = this.#hashIndex?.placeOf(hash) ?? -1;
    if (first < 0) return NONE;
    const found: number[] = [];
    for (let place = first; hashes[place] === hash; place++) found.push(ordinal[place] as number);
    return found.filter((number) => this.isLeft(number));
  }

  /** The tasks after a place in the order of enqueueing. */
  *tasksAfter(sequence: number, filter: TaskFilter): Generator<number> {
    const { kinds, kind } = this.columns;
    const isAmong = kindsAmong(kinds, filter);
    if (!isAmong.includes(true)) return;
    for (let ordinal = this.#placeAfter(sequence); ordinal < this.count; ordinal++) {
      if (isAmong[kind[ordinal] as number] && !this.goneTasks.has(ordinal)) yield ordinal;
    }
  }

  /** Those after a place in the order of enqueueing of which something is left. */
  *leftAfter(sequence: number): Generator<number> {
    for (let ordinal = this.#placeAfter(sequence); ordinal < this.count; ordinal++) {
      if (this.isLeft(ordinal)) yield ordinal;
    }
  }

  /** What the line says; null where it cannot be read. */
  read(ordinal: number): Archived | null {
    const { file, columns } = this.#opened as ArchiveFile;
    const offset = columns.offset[ordinal] as number;
    const length = (columns.offset[ordinal + 1] as number) - offset;
    const archived = length > 0 ? decodeArchived(file.read(offset, length - 1)) : null;
    if (!archived) this.#report(ordinal, offset);
    return archived;
  }

  #placeAfter(sequence: number): number {
    return placeOf(this.columns.sequence, sequence + 1);
  }

  #read(file: OpenFile | null): ArchiveFile {
    if (!file) {
      const message = `${this.path} is missing, and the journal refers to it. Restore it from a backup; nothing was changed.`;
      throw new JournalError("damaged_journal", this.path, message);
    }
    try {
      const columns = readFooter(file);
      if (columns?.kind.length === this.count) return { file, columns };
      this.#tell(
        `The footer of ${this.path} is damaged. Its lines say the same, and were read in its place.`,
      );
      return { file, columns: columnsFromLines(file, this.count) };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #report(ordinal: number, offset: number): void {
    if (this.#told.has(ordinal)) return;
    this.#told.add(ordinal);
    const message = `${this.path} is damaged at byte ${offset}: the checksum is not that of the text. What else it holds can be used.`;
    this.#tell(message, offset);
  }

  #tell(message: string, offset?: number): void {
    const details = offset === undefined ? {} : { offset };
    this.#onDamage(new JournalError("damaged_record", this.path, message, details));
  }
}
