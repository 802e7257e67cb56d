import { OmniQError, StorageError, type StorageOutcome } from "@omniq/core";

export interface JournalErrorDetails {
  readonly retryable?: boolean;
  readonly outcome?: StorageOutcome;
  readonly cause?: unknown;
  /** Where in the file, in bytes from its beginning. */
  readonly offset?: number;
}

/** The journal, or the file system below it, refused. `path` names the file or folder. */
export class JournalError extends StorageError {
  readonly path: string;
  readonly offset: number | null;

  constructor(code: string, path: string, message: string, details: JournalErrorDetails = {}) {
    super(code, message, details);
    this.path = path;
    this.offset = details.offset ?? null;
  }
}

interface Translation {
  readonly code: string;
  readonly retryable: boolean;
  /** What to do about it; `%` stands for the path. */
  readonly advice: string;
}

const NO_RIGHTS = "% may not be read and written. Give this process the right to read and write the folder.";
const NO_ROOM = "There is no room left for %. Free some, and call again.";
const NO_FOLDER = "% cannot be used as a folder. Name a folder, or a place where one can be made.";
const NO_HANDLES = "% cannot be opened: too many files are open. Raise the limit (ulimit -n), or close some.";

const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  EACCES: { code: "cannot_open", retryable: false, advice: NO_RIGHTS },
  EPERM: { code: "cannot_open", retryable: false, advice: NO_RIGHTS },
  EROFS: {
    code: "read_only",
    retryable: true,
    advice: "% lies on a file system that is mounted read-only. Mount it for writing, and call again.",
  },
  ENOTDIR: { code: "cannot_open", retryable: false, advice: NO_FOLDER },
  EEXIST: { code: "cannot_open", retryable: false, advice: NO_FOLDER },
  ELOOP: { code: "cannot_open", retryable: false, advice: NO_FOLDER },
  ENAMETOOLONG: { code: "cannot_open", retryable: false, advice: NO_FOLDER },
  ENOSPC: { code: "disk_full", retryable: true, advice: NO_ROOM },
  EDQUOT: { code: "disk_full", retryable: true, advice: NO_ROOM },
  EFBIG: {
    code: "file_too_large",
    retryable: true,
    advice: "% would grow beyond the size that a file may have (ulimit -f). Raise it, and call again.",
  },
  EIO: { code: "io_error", retryable: true, advice: "The disk under % failed. See the cause." },
  EMFILE: { code: "too_many_files", retryable: true, advice: NO_HANDLES },
  ENFILE: { code: "too_many_files", retryable: true, advice: NO_HANDLES },
};

/** What the system threw, as an error of ours that names the file and says what to do. */
export function toJournalError(
  thrown: unknown,
  path: string,
  outcome: StorageOutcome = "not-applied",
): Error {
  if (thrown instanceof OmniQError) return thrown;
  const code = (thrown as NodeJS.ErrnoException | null)?.code ?? "";
  const found = TRANSLATIONS[code];
  if (!found) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new JournalError("io_error", path, `${path} cannot be used: ${message}`, {
      retryable: true,
      outcome,
      cause: thrown,
    });
  }
  return new JournalError(found.code, path, `${found.advice.replace("%", () => path)} (${code})`, {
    retryable: found.retryable,
    outcome,
    cause: thrown,
  });
}
