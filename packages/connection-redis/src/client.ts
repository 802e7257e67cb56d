import { Cluster, Redis } from "ioredis";

/** A client of ioredis: of one server, or of a cluster. */
export type RedisClient = Redis | Cluster;

/** By what it says: the application may have another copy of ioredis. */
export function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster;
}

export interface Address {
  readonly url: string;
  /** Whether the URL names a node of a cluster. */
  readonly cluster: boolean;
  /** How long connecting may take, and a call, in milliseconds. */
  readonly timeoutMs: number;
}

/** By how much a call's own limit comes before the connection's: else a call that took too long would be told of as cut off. */
const LIMIT_AHEAD_MS = 100;

/**
 * A client that connects when it is told to, and sends nothing again.
 *
 * @param retryStrategy how long to wait before the next attempt to connect, in milliseconds; null ends it
 */
export function createClient(
  { url, cluster, timeoutMs }: Address,
  retryStrategy: (tries: number) => number | null,
): RedisClient {
  const common = { lazyConnect: true, enableOfflineQueue: false };
  const connection = {
    connectTimeout: timeoutMs,
    // A socket that says nothing for so long may be dead without knowing it.
    socketTimeout: timeoutMs + LIMIT_AHEAD_MS,
    autoResendUnfulfilledCommands: false,
    // What was sent fails as soon as its connection is lost.
    maxRetriesPerRequest: 0,
  };
  if (!cluster) {
    let isLeaving = false;
    // Behind the same address another server may have become the master. The call itself fails, and is not sent again.
    const reconnectOnError = ({ message }: Error): boolean => {
      if (isLeaving || !message.includes("READONLY")) return false;
      isLeaving = true;
      return true;
    };
    const client = new Redis(url, { ...common, ...connection, retryStrategy, reconnectOnError });
    return client.on("connect", () => (isLeaving = false));
  }
  const { username, password, protocol } = new URL(url);
  const login = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  const tls = protocol === "rediss:" && { tls: {} };
  return new Cluster([url], {
    ...common,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: timeoutMs,
    redisOptions: { ...connection, ...login, ...tls },
  });
}
