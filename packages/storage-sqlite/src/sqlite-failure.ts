import { OmniQError } from "@omniq/core";
import {
  FAILURES,
  type Failure,
  type FailureTable,
  driverCodeOf,
  driverError,
  failureOf,
} from "@omniq/core/storage";

const READ_ONLY: Failure = [
  "read_only",
  "final",
  "% may not be written. Give this process the right to write the file and its folder.",
];
const BUSY: Failure = [
  "busy",
  "retryable",
  "% was locked by another process all the time. Call again later.",
];

/** By SQLite's result code. */
const TABLE: FailureTable = [
  [
    /^SQLITE_NOTADB/,
    ["not_a_database", "final", "% is not a SQLite database. Name another file; this one was not changed."],
  ],
  [
    /^SQLITE_CANTOPEN/,
    ["cannot_open", "final", "% cannot be opened. Check that it is a file, in a folder that may be written."],
  ],
  [/^SQLITE_(?:READONLY|PERM)/, READ_ONLY],
  [/^SQLITE_FULL/, FAILURES.diskFull],
  [
    /^SQLITE_CORRUPT/,
    [
      "corrupt_database",
      "final",
      "% is damaged. Restore it from a backup, or recover it with the sqlite3 shell's .recover.",
    ],
  ],
  [/^SQLITE_IOERR/, ["io_error", "retryable", "The disk under % failed. See the cause."]],
  [/^SQLITE_(?:BUSY|LOCKED)/, BUSY],
];

/** Whether the lock is held elsewhere, so that the call may be tried again. */
export function isBusy(thrown: unknown): boolean {
  return failureOf(TABLE, driverCodeOf(thrown)) === BUSY;
}

/** What SQLite threw, as an error of ours that names the file and says what to do. */
export function toSqliteError(thrown: unknown, path: string): unknown {
  if (thrown instanceof OmniQError) return thrown;
  const code = driverCodeOf(thrown);
  const failure = failureOf(TABLE, code);
  return failure ? driverError(failure, path, thrown, code) : thrown;
}
