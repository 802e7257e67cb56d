import { OmniQError, StorageError } from "@omniq/core";

interface Translation {
  readonly code: string;
  readonly retryable?: true;
  /** What to do about it; `%` stands for the path. */
  readonly advice: string;
}

/** By SQLite's result code, the longest prefix first. */
const TRANSLATIONS: readonly (readonly [prefix: string, Translation])[] = [
  [
    "SQLITE_NOTADB",
    {
      code: "not_a_database",
      advice: "% is not a SQLite database. Name another file; this one was not changed.",
    },
  ],
  [
    "SQLITE_CANTOPEN",
    {
      code: "cannot_open",
      advice:
        "% cannot be opened. Check that it is a file, not a folder, and that its folder may be written.",
    },
  ],
  [
    "SQLITE_READONLY",
    {
      code: "read_only",
      advice: "% may not be written. Give this process the right to write the file and its folder.",
    },
  ],
  [
    "SQLITE_PERM",
    {
      code: "read_only",
      advice: "% may not be written. Give this process the right to write the file and its folder.",
    },
  ],
  [
    "SQLITE_FULL",
    { code: "disk_full", retryable: true, advice: "There is no room left for %. Free some, and call again." },
  ],
  [
    "SQLITE_CORRUPT",
    {
      code: "corrupt_database",
      advice: "% is damaged. Restore it from a backup, or recover it with the sqlite3 shell's .recover.",
    },
  ],
  ["SQLITE_IOERR", { code: "io_error", retryable: true, advice: "The disk under % failed. See the cause." }],
  [
    "SQLITE_BUSY",
    {
      code: "busy",
      retryable: true,
      advice: "% was locked by another process all the time. Call again later.",
    },
  ],
  [
    "SQLITE_LOCKED",
    {
      code: "busy",
      retryable: true,
      advice: "% was locked by another connection all the time. Call again later.",
    },
  ],
];

/** Whether the lock is held elsewhere, so that the call may be tried again. */
export function isBusy(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED");
}

/** What SQLite threw, as an error of ours that names the file and says what to do. */
export function toSqliteError(thrown: unknown, path: string): unknown {
  if (thrown instanceof OmniQError) return thrown;
  const code = codeOf(thrown);
  const [, found] = TRANSLATIONS.find(([prefix]) => code.startsWith(prefix)) ?? [];
  if (!found) return thrown;
  return new StorageError(found.code, `${found.advice.replace("%", () => path)} (${code})`, {
    retryable: found.retryable === true,
    cause: thrown,
  });
}

function codeOf(thrown: unknown): string {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
