import type { RedisClient } from "@omniq/connection-redis";
import { type DurationInput, ValidationError, durationMs } from "@omniq/core";
import {
  BASE_STORAGE_OPTIONS,
  type BaseStorageOptions,
  checkBoolean,
  checkInteger,
  checkMethods,
  checkOneOf,
  checkOptions,
  isText,
} from "@omniq/core/storage";

export interface RedisStorageOptions extends BaseStorageOptions {
  /** Default `redis://localhost:6379`. */
  readonly url?: string;
  /** A client of your own, of ioredis, in place of a URL. It is neither configured nor closed. */
  readonly client?: RedisClient;
  /** Whether the URL names a node of a cluster. All tasks of one prefix are on one of its masters. Default false. */
  readonly cluster?: boolean;
  /** Stores with different prefixes share a server and know nothing of each other. Default `omniq`. */
  readonly prefix?: string;
  /**
   * `server`, the default: as durable as the server is set up to be. `always`: opens only where every call is on the
   * disk before it is answered (`appendonly yes`, `appendfsync always`).
   */
  readonly durability?: "server" | "always";
  /** How long a call may take before it is given up, at most 24 days. Default `"10s"`. */
  readonly timeout?: DurationInput;
  /** For tests only: the time is what `setTestClock` said last, in place of the server's. */
  readonly testClock?: boolean;
}

/** 24 days: a timer that is set for more than 24.8 ends at once. */
const MAX_TIMEOUT_MS = 24 * 86_400_000;
const OPTIONS = "url client cluster prefix durability timeout testClock".split(" ");

/** Options that are checked and complete. */
export type Settings = ReturnType<typeof settingsOf>;

/** @throws ValidationError naming the option */
export function settingsOf(options: RedisStorageOptions) {
  checkOptions(options, [...BASE_STORAGE_OPTIONS, ...OPTIONS], "RedisStorage");
  const { url = "redis://localhost:6379", client = null, durability = "server", prefix = "omniq" } = options;
  const { cluster = client?.isCluster ?? false, timeout = "10s", testClock = false } = options;
  checkOneOf(durability, "durability", ["server", "always"]);
  checkBoolean(cluster, "cluster");
  checkBoolean(testClock, "testClock");
  if (client !== null) checkMethods(client, "client", ["call", "duplicate"]);
  if (!isText(url, /^rediss?:\/\/[^/?#]*(?:\/\d*)?$/i) || !URL.canParse(url))
    refuse("url", "names no Redis server. Write redis://localhost:6379, or rediss://user:password@host:6380");
  if (!isText(prefix, /^[\w.:-]{1,64}$/))
    refuse("prefix", "must be 1 to 64 letters, digits, or any of _ . : -");
  if (client?.options.keyPrefix) refuse("client", "puts a keyPrefix before every key. Use `prefix`");
  const timeoutMs = durationMs(timeout, "timeout");
  checkInteger(timeoutMs, "timeout", 1, MAX_TIMEOUT_MS);
  // The client knows the protocol by its small letters.
  const { href } = new URL(url);
  return { url: href, client, cluster, prefix, always: durability === "always", timeoutMs, testClock };
}

function refuse(field: string, why: string): never {
  throw new ValidationError(`invalid_${field}`, `${field} ${why}.`, { field });
}
