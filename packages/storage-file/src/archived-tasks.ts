import type { PurgeHookParams, TaskCount } from "@omniq/core/storage";
import type { JournalError, OpenFile } from "@omniq/journal";
import type { TaskFilter } from "@omniq/storage-memory";
import { Archive, type ArchiveFile } from "./archive.ts";
import type { ArchiveState, Gone } from "./entries.ts";
import { hashOf } from "./hash-index.ts";
import { readFooter } from "./archive-footer.ts";
import type { Archived } from "./archived-line.ts";
import { rangesOf } from "./ranges.ts";

/** Where the archives are. */
export interface ArchiveSource {
  pathOf(name: string): string;
  open(name: string): OpenFile | null;
}

/** A place in an archive. */
export interface Place {
  readonly archive: Archive;
  readonly ordinal: number;
  readonly sequence: number;
}

/** A place, and what stands there. */
export interface Found extends Place {
  readonly archived: Archived;
}

const NOWHERE: readonly Place[] = [];
const NOTHING: readonly Found[] = [];

/** The finished tasks that are in files, and not in memory. */
export class ArchivedTasks {
  readonly #source: ArchiveSource;
  readonly #onDamage: (error: JournalError) => void;
  readonly #archives = new Map<string, Archive>();
  /** Files that are open, of archives that are read anew, or are about to be named. */
  readonly #known = new Map<string, ArchiveFile>();
  /** Those of which it is not known what has gone. */
  readonly #uncertain = new Set<string>();
  /** The id last looked for that no archive has: a new task is looked for several times. */
  #absent: string | null = null;

  constructor(source: ArchiveSource, onDamage: (error: JournalError) => void) {
    this.#source = source;
    this.#onDamage = onDamage;
  }

  get all(): readonly Archive[] {
    return [...this.#archives.values()];
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#archives.keys());
  }

  get(name: string): Archive | undefined {
    return this.#archives.get(name);
  }

  /** Takes in an archive that a record names. Unless it is open, it is opened once all records have been taken in. */
  add(state: ArchiveState): void {
    const archive = new Archive(state, this.#source.pathOf(state.file), this.#onDamage);
    const known = this.#known.get(state.file);
    if (known) archive.open(known, () => null);
    this.#known.delete(state.file);
    this.#archives.set(state.file, archive);
    this.#absent = null;
  }

  /**
   * Takes in an archive that a line names which cannot be read, if it is there. What has gone of it is not known; what is in
   * memory has.
   */
  addFound(name: string): void {
    const file = this.#archives.has(name) ? null : this.#source.open(name);
    const columns = file && readFooter(file);
    if (columns) {
      this.#known.set(name, { file, columns });
      this.add({ file: name, count: columns.kind.length });
      this.#uncertain.add(name);
    } else {
      file?.close();
    }
  }

  /** The file of an archive that was written here, and that a record is about to name. */
  adopt(name: string, file: ArchiveFile): void {
    this.#known.set(name, file);
  }

  drop(name: string): void {
    this.#archives.get(name)?.opened?.file.close();
    this.#archives.delete(name);
  }

  mark(name: string, gone: Gone): void {
    const archive = this.#archives.get(name);
    archive?.mark(gone);
    if (archive?.left === 0) this.drop(name);
  }

  /**
   * Opens what is not open.
   *
   * @param sequences of the tasks in memory
   * @param isCertain whether all lines that name archives could be read: one that could not may have replaced what is missing
   * @throws JournalError `damaged_journal`
   */
  open(sequences: Iterable<number>, isCertain: boolean): void {
    for (const archive of this.#archives.values()) {
      if (archive.opened) continue;
      const file = this.#source.open(archive.name);
      if (file || isCertain) archive.open(undefined, () => file);
      else this.#archives.delete(archive.name);
    }
    this.#closeKnown();
    if (this.#uncertain.size > 0) this.#leaveToMemory(new Set(sequences));
  }

  /** Forgets all. What is open may be wanted again. */
  clear(): void {
    for (const { name, opened } of this.#archives.values()) if (opened) this.#known.set(name, opened);
    this.#archives.clear();
    this.#uncertain.clear();
    this.#absent = null;
  }

  close(): void {
    this.clear();
    this.#closeKnown();
  }

  /** Whether there may be anything of a task: where not, there is nothing. */
  mayKnow(id: string): boolean {
    return this.#withHashOf(id) !== NOWHERE;
  }

  /** Where the task with an id is, if it is archived. */
  taskOf(id: string): Found | undefined {
    return this.#found(id).find(({ archive, ordinal }) => !archive.goneTasks.has(ordinal));
  }

  /** Where results of a task are. */
  resultsOf(taskId: string): readonly Found[] {
    return this.#found(taskId).filter(({ archive, ordinal }) => !archive.goneResults.has(ordinal));
  }

  /** Where a line is that cannot be read, and that by its hash is about a task. */
  unreadableOf(id: string): { readonly path: string; readonly offset: number } | undefined {
    for (const { archive, ordinal } of this.#withHashOf(id)) {
      if (archive.read(ordinal)) continue;
      return { path: archive.path, offset: archive.columns.offset[ordinal] as number };
    }
    return undefined;
  }

  /** The tasks after a place in the order of enqueueing, one series for each archive. */
  tasksAfter(sequence: number, filter: TaskFilter): readonly Iterable<Place>[] {
    return this.all.map((archive) => placesIn(archive, archive.tasksAfter(sequence, filter)));
  }

  /** The same, with those of which only the result is left. */
  leftAfter(sequence: number): readonly Iterable<Place>[] {
    return this.all.map((archive) => placesIn(archive, archive.leftAfter(sequence)));
  }

  counts(): readonly TaskCount[] {
    return this.all.flatMap(({ columns: { kinds, kind }, goneTasks }) => {
      const counts = new Uint32Array(kinds.length);
      for (let ordinal = 0; ordinal < kind.length; ordinal++)
        if (!goneTasks.has(ordinal))
          counts[kind[ordinal] as number] = (counts[kind[ordinal] as number] as number) + 1;
      return kinds.flatMap((found, number) =>
        found && counts[number] ? [{ queue: found.queue, status: found.status, count: counts[number] }] : [],
      );
    });
  }

  /** Tasks that finished before an instant, at most `limit`. No line is read. */
  finishedBefore({ before, limit, status }: PurgeHookParams): readonly Place[] {
    return this.#take(limit, ({ columns, goneTasks }, ordinal) => {
      if ((columns.finishedAt[ordinal] as number) >= before || goneTasks.has(ordinal)) return false;
      return status === null || columns.kinds[columns.kind[ordinal] as number]?.status === status;
    });
  }

  /** Results whose time is over, at most `limit`. No line is read. */
  expiredBy(now: number, limit: number): readonly Place[] {
    return this.#take(
      limit,
      ({ columns, goneResults }, ordinal) =>
        (columns.expiresAt[ordinal] as number) <= now && !goneResults.has(ordinal),
    );
  }

  #found(id: string): readonly Found[] {
    const places = this.#withHashOf(id);
    if (places === NOWHERE) return NOTHING;
    return places.flatMap((place) => {
      const archived = place.archive.read(place.ordinal);
      return archived?.task.id === id ? [{ ...place, archived }] : [];
    });
  }

  #withHashOf(id: string): readonly Place[] {
    if (this.#archives.size === 0 || id === this.#absent) return NOWHERE;
    const hash = hashOf(id);
    let places: Place[] | null = null;
    for (const archive of this.#archives.values()) {
      const ordinals = archive.withHash(hash);
      if (ordinals.length > 0) (places ??= []).push(...placesIn(archive, ordinals));
    }
    if (!places) this.#absent = id;
    return places ?? NOWHERE;
  }

  #take(limit: number, isWanted: (archive: Archive, ordinal: number) => boolean): readonly Place[] {
    const taken: Place[] = [];
    for (const archive of this.#archives.values()) {
      for (let ordinal = 0; ordinal < archive.count && taken.length < limit; ordinal++)
        if (isWanted(archive, ordinal)) taken.push(placeIn(archive, ordinal));
    }
    return taken;
  }

  #leaveToMemory(sequences: ReadonlySet<number>): void {
    for (const name of this.#uncertain) {
      const ordinals = [...(this.#archives.get(name)?.columns.sequence ?? [])].flatMap((sequence, ordinal) =>
        sequences.has(sequence) ? [ordinal] : [],
      );
      this.mark(name, { tasks: rangesOf(ordinals) });
    }
    this.#uncertain.clear();
  }

  #closeKnown(): void {
    for (const { file } of this.#known.values()) file.close();
    this.#known.clear();
  }
}

function placeIn(archive: Archive, ordinal: number): Place {
  return { archive, ordinal, sequence: archive.columns.sequence[ordinal] as number };
}

function* placesIn(archive: Archive, ordinals: Iterable<number>): Generator<Place> {
  for (const ordinal of ordinals) yield placeIn(archive, ordinal);
}
