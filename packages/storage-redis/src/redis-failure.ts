import { OmniQError, StorageError } from "@omniq/core";

/** What became of the call: nothing, for good; nothing so far; part of it, for good; or perhaps all of it. */
type Verdict = "final" | "retryable" | "partial" | "lost";

const MAY_BE_REPEATED = "Whether the call was carried out is not known; it may be made again.";

/** By code: the verdict, what to do (% is the server), and what Redis answers or its client throws. The first counts. */
const FAILURES = {
  connection_lost: [
    "lost",
    `% closed the connection before it answered. ${MAY_BE_REPEATED}`,
    // In a cluster the client goes on for a while. One of its tries may have come through.
    /Cluster redirections/,
  ],
  authentication_failed: ["final", "% refused the user or the password.", /NOAUTH|WRONGPASS|invalid pass/],
  no_permission: ["final", "% does not let this user do what OmniQ does under its prefix.", /NOPERM/],
  read_only: ["retryable", "% is a replica, which takes no writes. Name the master.", /READONLY/],
  wrong_redis_mode: [
    "final",
    "% is another kind of Redis. Set `cluster` for a cluster, and only for one.",
    /\b(?:MOVED|ASK|CROSSSLOT)\b|cluster support disabled|not allowed in cluster mode/,
  ],
  loading: ["retryable", "% still loads its data. Call again in a moment.", /LOADING/],
  busy: ["retryable", "% is busy with a script. Call again later.", /\bBUSY\b/],
  out_of_memory: ["retryable", "% has reached its `maxmemory`. Give it more, or purge.", /\bOOM\b/],
  cannot_persist: ["retryable", "% takes no writes, since it cannot persist them. See its log.", /MISCONF/],
  // A script cannot take back what it has written before it came upon such a key.
  foreign_key: ["partial", "On %, somebody else has a key of OmniQ's. Choose another `prefix`.", /WRONGTYPE/],
  no_database: ["final", "% has no database of the number in the URL.", /DB index is out of range/],
  redis_too_old: ["final", "% is too old, or lacks a command. OmniQ needs Redis 6.2.", /unknown command/i],
  unavailable: [
    "retryable",
    "% cannot be reached. Check that it runs; the same call works again then.",
    /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUN|ENETUN|EPIPE|CERT|SSL|TLS|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|refresh slots/,
  ],
  timeout: ["lost", `% did not answer in time. ${MAY_BE_REPEATED}`, null],
} satisfies Readonly<Record<string, readonly [Verdict, advice: string, pattern: RegExp | null]>>;

type FailureCode = keyof typeof FAILURES;

export function redisFailure(code: FailureCode, server: string, thrown?: unknown): StorageError {
  const [verdict, advice] = FAILURES[code];
  return new StorageError(
    code,
    advice.replace("%", () => server),
    {
      retryable: verdict === "retryable" || verdict === "lost",
      outcome: verdict === "partial" || verdict === "lost" ? "unknown" : "not-applied",
      cause: withoutArguments(thrown),
    },
  );
}

/** What Redis answered or its client threw, as an error of ours; as it is, where it says nothing that we know. */
export function toRedisError(thrown: unknown, server: string, otherwise?: FailureCode): Error {
  if (thrown instanceof OmniQError) return thrown;
  const cause = withoutArguments(thrown);
  const text = cause instanceof Error ? `${(cause as { code?: string }).code} ${cause.message}` : "";
  const codes = Object.keys(FAILURES) as FailureCode[];
  const code = codes.find((candidate) => FAILURES[candidate][2]?.test(text)) ?? otherwise;
  return code ? redisFailure(code, server, cause) : (cause as Error);
}

/** The client puts the command into its errors, and with it passwords and payloads; they must reach no log. */
function withoutArguments(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const carrier = thrown as { command?: unknown; lastNodeError?: unknown };
  delete carrier.command;
  return carrier.lastNodeError instanceof Error ? withoutArguments(carrier.lastNodeError) : thrown;
}
