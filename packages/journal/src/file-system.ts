/**
 * What the journal asks of a file system, and no more. Names are whole paths. Calls on names and sizes are
 * synchronous: they are answered from memory, in less time than a trip to the thread pool takes. What waits for the
 * disk is asynchronous.
 *
 * Every call throws what the system says (an error with a `code` such as `ENOSPC`).
 */
export interface FileSystem {
  /** The names in a folder. */
  list(folder: string): readonly string[];
  exists(path: string): boolean;
  /** Something that changes whenever the file is written, linked or unlinked; null where there is none. */
  signOf(path: string): string | null;
  /** What tells the file of that name from every other that is there; null where there is none. */
  identityOf(path: string): bigint | null;
  /** The whole of a small file; null where there is none. */
  readText(path: string): string | null;
  /** A new, empty file; it must not be there (`EEXIST`). */
  create(path: string): OpenFile;
  /** A file that is there, to read and write; null where there is none. */
  open(path: string): OpenFile | null;
  /** Gives a file a second name; false where that name is taken. Of several who try at once, one succeeds. */
  link(from: string, to: string): boolean;
  /** Takes a name away; harmless where it is gone already. */
  remove(path: string): void;
  /** Makes a folder and those above it, each on the disk for certain. */
  makeFolder(path: string): Promise<void>;
  /** Removes a folder if it is empty. */
  removeFolder(path: string): void;
  /** Returns once the names in the folder are on the disk. */
  syncFolder(path: string): Promise<void>;
  /** The type of the file system that a folder lies on, as statfs gives it; null where nobody knows. */
  typeOf(folder: string): number | null;
}

/** A file that is open for reading and writing. It stays readable when its last name is gone. */
export interface OpenFile {
  look(): { readonly size: number; readonly isNamed: boolean };
  /** The bytes from `position` on, at most `length`; fewer at the end of the file. */
  read(position: number, length: number): Buffer;
  /** Writes all of the bytes, or throws; some of them may be written then. Their memory is used again afterwards. */
  write(bytes: Buffer, position: number): void;
  truncate(size: number): void;
  /** Returns once what was written is on the disk. Once it has failed, a later success proves nothing. */
  sync(): Promise<void>;
  close(): void;
}
