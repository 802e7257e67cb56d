import { OmniQError, type StorageError } from "@omniq/core";
import { FAILURES, type FailureTable, driverCodeOf, driverError, failureOf } from "@omniq/core/storage";

/** By SQLSTATE, the error code of the operating system, or what pg says where it has no code. */
const TABLE: FailureTable = [
  [/^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|57P03)$/, FAILURES.unreachable],
  [/^(?:57P..|08...|ETIMEDOUT|ECONNRESET|EPIPE)$/, FAILURES.connectionLost],
  [/^28...$/, FAILURES.wrongCredentials],
  [
    /^53300$/,
    ["too_many_connections", "retryable", "% takes no more connections. Use fewer, or allow more."],
  ],
  [/^3D000$/, FAILURES.noSuchDatabase],
  [/^42501$/, FAILURES.missingRights],
  [
    /^57014$/,
    ["timeout", "retryable", "% took longer than the time limit, and gave up. Nothing was changed."],
  ],
  [
    /^(?:40...|55P03)$/,
    ["contention", "retryable", "Others at % were in the way again and again. Call later."],
  ],
  [/^53100$/, FAILURES.diskFull],
  [/^25006$/, ["read_only", "retryable", "% takes no writes: it is a standby, or set to be read only."]],
  [/^XX00[12]$/, ["corrupt_database", "final", "% has a damaged database. Restore a backup, or REINDEX it."]],
  [/connection timeout|trying to connect/, FAILURES.unreachable],
  [/SASL|password must be a string/, FAILURES.wrongCredentials],
  [/terminated|not queryable|connection error|closed/i, FAILURES.connectionLost],
  // What Postgres answers with an error it has not done.
  [/^[0-9A-Z]{5}$/, ["storage_failure", "final", "% refused the call; see the cause."]],
];

/** Whether another transaction was in the way, so that the work may be done again. */
export function isContention(thrown: unknown): boolean {
  return /^40(?:001|P01)$/.test(driverCodeOf(thrown));
}

/** Whether a statement kept by name was on another connection: there is a pooler in between. */
export function isUnprepared(thrown: unknown): boolean {
  return /^(?:26000|42P05)$/.test(driverCodeOf(thrown));
}

/** Whether the server refused, which leaves the connection as it was. */
export function isRefusal(thrown: unknown): boolean {
  const isError = (thrown as { readonly severity?: unknown }).severity === "ERROR";
  return isError && /^[0-9A-Z]{5}$/.test(driverCodeOf(thrown));
}

/** Whether the session takes no writes, as it was set to when it began. */
export function isReadOnly(thrown: unknown): boolean {
  return driverCodeOf(thrown) === "25006";
}

/** Whether a call may have failed, and done nothing, for a hint: no right to give one, or no room for more. */
export function isRefusalToNotify(error: unknown): boolean {
  return /^(?:42501|54000)$/.test(driverCodeOf((error as Error).cause));
}

/** Nothing can have come of a call for which no connection was to be had. */
export function timedOut(place: string, sent: boolean): StorageError {
  const [code, verdict, advice] = FAILURES.timeout;
  return driverError([code, sent ? verdict : "retryable", advice], place);
}

/** What pg threw, as an error of ours that says what to do, and never tells a secret. */
export function toPostgresError(thrown: unknown, place: string): unknown {
  if (thrown instanceof OmniQError) return thrown;
  const code = driverCodeOf(thrown);
  const failure = failureOf(TABLE, code || (thrown as Error).message);
  return failure ? driverError(failure, place, thrown, code) : thrown;
}
