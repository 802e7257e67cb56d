import { OmniQError, type StorageError } from "@omniq/core";
import { FAILURES, type Failure, type FailureTable, driverError, failureOf } from "@omniq/core/storage";

/** What a look at the server finds as well, before a command does. */
export const REFUSALS = {
  readOnly: ["read_only", "retryable", "% is a replica, which takes no writes. Name the master."],
  wrongMode: ["wrong_redis_mode", "final", "% is another kind of Redis. Set `cluster` for a cluster alone."],
  tooOld: ["redis_too_old", "final", "% is too old, or lacks a command. OmniQ needs Redis 6.2."],
} as const satisfies Readonly<Record<string, Failure>>;

/** By what Redis answers, or what its client throws, with the client's code before it. */
const TABLE: FailureTable = [
  [
    /TRYAGAIN|Cluster redirections.*\b(?:ASK|MOVED)\b/,
    ["slot_moving", "retryable", "The keys in % are moving to another node. Call again in a moment."],
  ],
  // In a cluster the client goes on for a while. One of its tries may have come through.
  [/Cluster redirections|max retries per request|Connection is closed/, FAILURES.connectionLost],
  [/NOAUTH|WRONGPASS|invalid pass/, FAILURES.wrongCredentials],
  // Within a script, which may have come to it halfway; Redis 7.0 and older word it as the first.
  [
    /user executing the script|ACL failure in script/,
    [FAILURES.missingRights[0], "partial", FAILURES.missingRights[2]],
  ],
  [/NOPERM/, FAILURES.missingRights],
  [/READONLY/, REFUSALS.readOnly],
  [/\b(?:MOVED|ASK|CROSSSLOT)\b|cluster support disabled|not allowed in cluster mode/, REFUSALS.wrongMode],
  [/LOADING/, ["loading", "retryable", "% still loads its data. Call again in a moment."]],
  [/\bBUSY\b/, ["busy", "retryable", "% is busy with a script. Call again later."]],
  [/\bOOM\b/, ["out_of_memory", "retryable", "% has reached its `maxmemory`. Give it more, or purge."]],
  [
    /NOREPLICAS/,
    ["too_few_replicas", "retryable", "% has fewer replicas than `min-replicas-to-write` asks for."],
  ],
  [/MISCONF/, ["cannot_persist", "retryable", "% cannot persist, so it takes no writes. See its log."]],
  // A script cannot take back what it has written before it came upon such a key.
  [/WRONGTYPE/, ["foreign_key", "partial", "Somebody else made a key in %. Choose another `prefix`."]],
  [/DB index is out of range/, FAILURES.noSuchDatabase],
  [/unknown command/i, REFUSALS.tooOld],
  [/ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUN|ENETUN|EPIPE|CERT|SSL|TLS/, FAILURES.unreachable],
  [/CLUSTERDOWN|MASTERDOWN|refresh slots/, FAILURES.unreachable],
];

/** @param detail what there is to say besides; nothing that must reach no log. */
export function redisFailure(failure: Failure, server: string, thrown?: unknown, detail = ""): StorageError {
  return driverError(failure, server, withoutArguments(thrown), detail);
}

/** What Redis answered or its client threw, as an error of ours; as it is, where it says nothing that we know. */
export function toRedisError(thrown: unknown, server: string, otherwise?: Failure): Error {
  if (thrown instanceof OmniQError) return thrown;
  const cause = withoutArguments(thrown);
  const text = cause instanceof Error ? `${(cause as { code?: string }).code} ${cause.message}` : "";
  const failure = failureOf(TABLE, text) ?? otherwise;
  return failure ? driverError(failure, server, cause) : (cause as Error);
}

/** The client puts the command into its errors, and with it passwords and payloads; they must reach no log. */
function withoutArguments(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const carrier = thrown as { command?: unknown; lastNodeError?: unknown };
  delete carrier.command;
  return carrier.lastNodeError instanceof Error ? withoutArguments(carrier.lastNodeError) : thrown;
}
