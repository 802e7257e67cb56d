import type { JournalError } from "./journal-error.ts";
import type { ContentFormat } from "./segment-header.ts";

/** What the records of a journal build up in memory. The journal calls it; it knows no files. */
export interface JournalContent {
  readonly format: ContentFormat;
  /** Forgets everything, before all is applied anew. */
  clear(): void;
  /**
   * Takes in a record. Records come in the order of the journal.
   *
   * @param json its text. The bytes are not to be kept: they are part of a larger piece of the file.
   */
  apply(json: Buffer): void;
  /**
   * A line cannot be read, or bytes are missing. Called where a record would have been applied; the line stays in the
   * file until a checkpoint leaves its segment behind.
   */
  damaged(line: string, error: JournalError): void;
  /**
   * The state as it stands, as the JSON texts of records that build it up again. They are taken one by one, later;
   * what changes meanwhile must not show in them.
   */
  snapshot(): Iterable<string>;
  /**
   * About how many records those would be. Where it is told, a state that has shrunk is rewritten the sooner, and one that has
   * grown is not rewritten for nothing.
   */
  size?(): number;
  /**
   * All that was acknowledged has been applied, and the lock is held: the archives that the state refers to are there,
   * and stay readable for whoever opens them now. Throws where one is missing.
   */
  caughtUp?(): void;
  /** The names of the archives that the state refers to; null where a part of it cannot be read, so that nobody knows. */
  archives?(): ReadonlySet<string> | null;
}

/**
 * What an update has come to: its answer, and the JSON texts of the records that tell of it, one line each. A long one is
 * better given as its bytes, in UTF-8. They are taken in before the next update begins, which may use their memory again.
 */
export interface Update<T> {
  readonly value: T;
  readonly records: readonly (string | Buffer)[];
}
