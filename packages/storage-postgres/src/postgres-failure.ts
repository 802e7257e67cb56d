import { OmniQError, StorageError } from "@omniq/core";
import { noTransaction, wrongDatabase } from "@omniq/storage-sql";

/** What became of the call: nothing, nothing so far, or perhaps all of it. */
type Verdict = "final" | "retryable" | "unknown";
type Translation = readonly [code: string, verdict: Verdict, advice: string];

const UNREACHABLE: Translation = [
  "unreachable",
  "retryable",
  "Postgres at % cannot be reached. Check that it runs there and accepts connections.",
];
const CONNECTION_LOST: Translation = [
  "connection_lost",
  "unknown",
  "The connection to Postgres at % broke before the answer came. The same call may be made again.",
];
const WRONG_CREDENTIALS: Translation = [
  "wrong_credentials",
  "final",
  "Postgres at % refused the user or the password.",
];

/** By SQLSTATE, the error code of the operating system, or what pg says where it has no code. The first counts. */
const TRANSLATIONS: readonly (readonly [pattern: RegExp, ...Translation])[] = [
  [/^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|57P03)$/, ...UNREACHABLE],
  [/^(?:57P..|08...|ETIMEDOUT|ECONNRESET|EPIPE)$/, ...CONNECTION_LOST],
  [/^28...$/, ...WRONG_CREDENTIALS],
  [
    /^53300$/,
    "too_many_connections",
    "retryable",
    "Postgres at % takes no more connections. Give it more, or each process fewer.",
  ],
  [/^3D000$/, "no_such_database", "final", "The database of % does not exist. Create it, or name another."],
  [
    /^42501$/,
    "missing_rights",
    "final",
    "The user may not do this at %. Grant it the schema and its tables, or create them as their owner.",
  ],
  [
    /^57014$/,
    "timeout",
    "retryable",
    "Postgres at % took longer than the time limit, and gave up. Nothing was changed.",
  ],
  [
    /^(?:40...|55P03)$/,
    "contention",
    "retryable",
    "Other transactions at % were in the way again and again. Call again later.",
  ],
  [
    /^53100$/,
    "disk_full",
    "retryable",
    "There is no room left on the disk of Postgres at %. Free some, and call again.",
  ],
  [
    /^25006$/,
    "read_only",
    "final",
    "Postgres at % takes no writes: it is a standby, or set to be read only.",
  ],
  [
    /^XX00[12]$/,
    "corrupt_database",
    "final",
    "The database at % is damaged. Restore it from a backup, or REINDEX it.",
  ],
  [/connection timeout|trying to connect/, ...UNREACHABLE],
  [/SASL|password must be a string/, ...WRONG_CREDENTIALS],
  [/terminated|not queryable|connection error|closed/i, ...CONNECTION_LOST],
];

/** Whether another transaction was in the way, so that the work may be done again. */
export function isContention(thrown: unknown): boolean {
  return codeOf(thrown) === "40001" || codeOf(thrown) === "40P01";
}

/** Whether a statement kept by name was on another connection: there is a pooler in between. */
export function isUnprepared(thrown: unknown): boolean {
  return codeOf(thrown) === "26000" || codeOf(thrown) === "42P05";
}

export function timedOut(place: string, sent: boolean): StorageError {
  const message = `Postgres at ${place} did not answer within the time limit`;
  return new StorageError("timeout", message, { retryable: true, outcome: sent ? "unknown" : "not-applied" });
}

/** What pg threw, as an error of ours that says what to do, and never tells a secret. */
export function toPostgresError(thrown: unknown, place: string): unknown {
  if (thrown instanceof OmniQError) return thrown;
  const code = codeOf(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const [, ours, verdict, advice] = TRANSLATIONS.find(([pattern]) => pattern.test(code || message)) ?? [];
  if (ours !== undefined) {
    const told = `${(advice as string).replace("%", () => place)}${code && ` (${code})`}`;
    const details = {
      retryable: verdict !== "final",
      outcome: verdict === "unknown" ? verdict : "not-applied",
    } as const;
    return new StorageError(ours, told, { ...details, cause: thrown });
  }
  // What Postgres answers with an error it has not done.
  if (!/^[0-9A-Z]{5}$/.test(code)) return thrown;
  return new StorageError("storage_failure", `Postgres refused the call: ${message} (${code})`, {
    cause: thrown,
  });
}

/** What came of joining a transaction of the application's. */
export function toViaError(thrown: unknown, place: string): unknown {
  const code = codeOf(thrown);
  if (code === "25P01") return noTransaction();
  return code === "42P01" || code === "3F000" ? wrongDatabase(place, thrown) : toPostgresError(thrown, place);
}

function codeOf(thrown: unknown): string {
  // Several addresses of one host fail together.
  const { code, errors } = (thrown ?? {}) as {
    readonly code?: unknown;
    readonly errors?: readonly unknown[];
  };
  if (typeof code === "string") return code;
  return errors?.[0] === undefined ? "" : codeOf(errors[0]);
}
