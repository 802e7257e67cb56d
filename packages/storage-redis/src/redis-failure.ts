import { OmniQError, StorageError, type StorageOutcome } from "@omniq/core";

interface Translation {
  readonly code: string;
  readonly retryable: boolean;
  /** What to do about it; `%` stands for the server. */
  readonly advice: string;
}

function fault(code: string, advice: string): Translation {
  return { code, retryable: false, advice };
}

function passing(code: string, advice: string): Translation {
  return { code, retryable: true, advice };
}

const WRONG_MODE = fault(
  "wrong_redis_mode",
  "% is another kind of Redis. Set `cluster` for a cluster, and only for one.",
);
const WRONG_LOGIN = fault(
  "authentication_failed",
  "% refused the user or the password. Check those in the URL.",
);
const NO_RIGHT = fault(
  "no_permission",
  "% does not let this user do what OmniQ does with the keys of its prefix.",
);
const FOREIGN = fault(
  "foreign_key",
  "On %, somebody else made a key of one of OmniQ's names. Choose another `prefix`.",
);
const TOO_OLD = fault("redis_too_old", "% lacks a command. OmniQ needs Redis 6.2 or newer.");
const NO_DATABASE = fault("no_database", "% has no database of the number in the URL.");
const READ_ONLY = passing(
  "read_only",
  "% is a replica, which takes no writes. Name the master, or wait until it is one.",
);
const UNAVAILABLE = passing(
  "unavailable",
  "% cannot be reached. Check that it runs; the same call works again then.",
);
const LOADING = passing("loading", "% still loads its data. Call again in a moment.");
const BUSY = passing("busy", "% is busy with a script. Call again later.");
const FULL = passing(
  "out_of_memory",
  "% has reached its `maxmemory`. Give it more, or purge; then call again.",
);
const UNSAVED = passing(
  "cannot_persist",
  "% takes no writes, since it cannot persist them. See its log and its disk.",
);

/** By what Redis answered, or its client threw. */
const TRANSLATIONS: readonly (readonly [RegExp, Translation])[] = [
  [/\b(?:NOAUTH|WRONGPASS)\b|AUTH.*(?:without any|no) password|invalid (?:user|pass)/, WRONG_LOGIN],
  [/\bNOPERM\b/, NO_RIGHT],
  [/\bREADONLY\b/, READ_ONLY],
  [/\b(?:MOVED|ASK|CROSSSLOT)\b|cluster support disabled|not allowed in cluster mode/, WRONG_MODE],
  [/\bLOADING\b/, LOADING],
  [/\bBUSY\b/, BUSY],
  [/\bOOM\b/, FULL],
  [/\bMISCONF\b/, UNSAVED],
  [/\bWRONGTYPE\b/, FOREIGN],
  [/DB index is out of range/, NO_DATABASE],
  [/unknown command/i, TOO_OLD],
  [/\b(?:CLUSTERDOWN|MASTERDOWN|NOREPLICAS|TRYAGAIN)\b|Too many Cluster redirections/, UNAVAILABLE],
  [/ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ENOENT|CERT|SSL|TLS/, UNAVAILABLE],
  [/Connection is closed|isn't writeable|Failed to refresh slots|None of startup nodes/, UNAVAILABLE],
];

/** The call was sent, and what became of it is not known. */
export function lostReply(
  server: string,
  code: "connection_lost" | "timeout",
  thrown?: unknown,
): StorageError {
  const what = code === "timeout" ? "did not answer in time" : "closed the connection before it answered";
  const message = `${server} ${what}. Whether the call was carried out is not known; it may be made again.`;
  return new StorageError(code, message, {
    retryable: true,
    outcome: "unknown",
    cause: withoutArguments(thrown),
  });
}

/** No connection could be made in time, so that nothing was sent. */
export function unavailable(server: string, thrown: unknown): StorageError {
  const translated = toRedisError(thrown, server);
  return translated instanceof StorageError ? translated : failure(UNAVAILABLE, server, translated);
}

export function wrongMode(server: string): StorageError {
  return failure(WRONG_MODE, server);
}

export function readOnly(server: string): StorageError {
  return failure(READ_ONLY, server);
}

/** What Redis answered or its client threw, as an error of ours that names the server and says what to do. */
export function toRedisError(thrown: unknown, server: string): Error {
  if (thrown instanceof OmniQError) return thrown;
  const cause = withoutArguments(thrown);
  if (!(cause instanceof Error))
    return new StorageError("storage_failure", `${server} failed`, { outcome: "unknown", cause });
  const text = `${(cause as { readonly code?: string }).code ?? ""} ${cause.message}`;
  const [, found] = TRANSLATIONS.find(([pattern]) => pattern.test(text)) ?? [];
  if (!found) return cause;
  // A script cannot take back what it has written before it came upon such a key.
  return failure(found, server, cause, found === FOREIGN ? "unknown" : "not-applied");
}

function failure(
  { code, retryable, advice }: Translation,
  server: string,
  cause?: unknown,
  outcome: StorageOutcome = "not-applied",
): StorageError {
  return new StorageError(
    code,
    advice.replace("%", () => server),
    { retryable, outcome, cause },
  );
}

/** The client puts the command into its errors, and with it passwords and payloads; they must reach no log. */
function withoutArguments(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const carrier = thrown as { command?: unknown; lastNodeError?: unknown };
  delete carrier.command;
  if (carrier.lastNodeError instanceof Error) return withoutArguments(carrier.lastNodeError);
  return thrown;
}
