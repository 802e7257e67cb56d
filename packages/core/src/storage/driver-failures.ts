import { StorageError } from "../errors/storage-error.ts";

/**
 * What became of a call that failed. `final`: nothing, and making it again is no use. `retryable`: nothing so far.
 * `unknown`: perhaps all of it; it may be made again. `partial`: perhaps part of it, and making it again is no use.
 */
export type FailureVerdict = "final" | "retryable" | "unknown" | "partial";

/** A code of StorageError, what it means for the call, and what to do about it; `%` stands for the place. */
export type Failure = readonly [code: string, verdict: FailureVerdict, advice: string];

/** Failures by what a driver says where they happen: its code, or its message. The first that fits counts. */
export type FailureTable = readonly (readonly [pattern: RegExp, failure: Failure])[];

/** Failures of any store that is reached over a wire, or kept on a disk. */
export const FAILURES = {
  unreachable: [
    "unreachable",
    "retryable",
    "% cannot be reached. Check that it runs and accepts connections; the same call works again then.",
  ],
  connectionLost: [
    "connection_lost",
    "unknown",
    "The connection to % broke before the answer came. The same call may be made again.",
  ],
  timeout: ["timeout", "unknown", "% did not answer within the time limit. The same call may be made again."],
  wrongCredentials: ["wrong_credentials", "final", "% refused the user or the password."],
  missingRights: [
    "missing_rights",
    "final",
    "% does not let this user do what OmniQ does. Grant it the rights.",
  ],
  noSuchDatabase: [
    "no_such_database",
    "final",
    "The database of % does not exist. Create it, or name another.",
  ],
  tooManyFiles: [
    "too_many_files",
    "unknown",
    "%: too many files or connections are open. Raise the limit (ulimit -n), or close some, and call again.",
  ],
  diskFull: ["disk_full", "retryable", "There is no room left for %. Free some, and call again."],
} as const satisfies Readonly<Record<string, Failure>>;

/** @param detail what the driver said, such as its code; never a secret, and no payload. */
export function driverError(
  [code, verdict, advice]: Failure,
  place: string,
  cause?: unknown,
  detail = "",
): StorageError {
  const message = `${advice.replaceAll("%", () => place)}${detail && ` (${detail})`}`;
  return new StorageError(code, message, {
    retryable: verdict === "retryable" || verdict === "unknown",
    outcome: verdict === "unknown" || verdict === "partial" ? "unknown" : "not-applied",
    cause,
  });
}

/** The first failure of the table that this text tells of. */
export function failureOf(table: FailureTable, text: string): Failure | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}

/** The code that a driver gave to its error; of several attempts that failed together, the first one's. */
export function driverCodeOf(thrown: unknown): string {
  const { code, errors } = (thrown ?? {}) as {
    readonly code?: unknown;
    readonly errors?: readonly unknown[];
  };
  if (typeof code === "string") return code;
  return errors?.[0] === undefined ? "" : driverCodeOf(errors[0]);
}
