import { type Timer, systemClock } from "@omniq/core";
import { Cluster, Redis } from "ioredis";
import { lostReply, toRedisError, unavailable } from "./redis-failure.ts";
import type { RedisClient, Settings } from "./redis-options.ts";
import type { Script } from "./scripts.ts";

/** How long the pauses between attempts to connect again may become. */
const MAX_PAUSE_MS = 500;
const SCAN_STEP = 1000;

/**
 * One client, and what a call over a wire needs besides: a limit on its time, an end as soon as its connection is lost,
 * and errors that say whether it may have been carried out.
 *
 * Nothing is queued while there is no connection: a call waits for one and is sent then, or is refused as surely not
 * made. Nothing that was sent is sent again: whether to do so is for the caller to say, who is told that the outcome is
 * unknown.
 */
export class Connection {
  readonly client: RedisClient;
  /** Where the server is, for messages; never with the password. */
  readonly server: string;
  /** Whether the client may send a command again whose reply was lost. */
  readonly resends: boolean;
  readonly #owned: boolean;
  readonly #timeoutMs: number;
  readonly #inFlight = new Set<(error: Error) => void>();
  #readiness: Promise<void> | null = null;
  #lastError: unknown;
  #closed = false;

  private constructor({ url, client, cluster, timeoutMs }: Settings) {
    this.#owned = client === null;
    this.#timeoutMs = timeoutMs;
    this.client = client ?? createClient(url, cluster, timeoutMs);
    this.server = client
      ? "The Redis server of the client given"
      : `Redis at ${new URL(url).host || "localhost"}`;
    this.resends = !this.#owned || this.client instanceof Cluster;
    this.client.on("error", this.#onError);
    this.client.on("close", this.#onClose);
    this.client.on("end", this.#onClose);
  }

  /** @throws StorageError `unavailable`, `authentication_failed`, `wrong_redis_mode`, ... */
  static async open(options: Settings): Promise<Connection> {
    const connection = new Connection(options);
    if (!connection.#owned) return connection;
    try {
      await connection.#within(() => connection.client.connect());
      // The client goes on with database 0 where the one that was asked for does not exist.
      if (connection.#lastError !== undefined) throw unavailable(connection.server, connection.#lastError);
      return connection;
    } catch (thrown) {
      connection.close();
      throw unavailable(connection.server, connection.#lastError ?? thrown);
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#owned) this.client.disconnect();
    this.#onClose();
    this.client.off("close", this.#onClose);
    this.client.off("end", this.#onClose);
    // What a client of ours still has to say once it is let go must find a listener.
    if (!this.#owned) this.client.off("error", this.#onError);
  }

  /** Sends one command. */
  async command(name: string, ...args: (string | number)[]): Promise<unknown> {
    if (this.client.status !== "ready") await this.#ready();
    return this.#sent(() => this.client.call(name, ...args));
  }

  /** Runs a script on the keys of one base. A server that does not know it is told. */
  async run(script: Script, base: string, args: readonly string[]): Promise<unknown> {
    if (this.client.status !== "ready") await this.#ready();
    return this.#sent(async () => {
      try {
        return await this.client.evalsha(script.sha, 1, base, ...args);
      } catch (thrown) {
        if (!(thrown instanceof Error) || !thrown.message.startsWith("NOSCRIPT")) throw thrown;
        return this.client.eval(script.source, 1, base, ...args);
      }
    });
  }

  /** Removes the keys of a pattern, in bounded steps; in a cluster, from whichever master has them. */
  async removeKeys(pattern: string): Promise<void> {
    const nodes = this.client instanceof Cluster ? this.client.nodes("master") : [this.client];
    for (const node of nodes) {
      let cursor = "0";
      do {
        const scan = (): Promise<unknown> => node.scan(cursor, "MATCH", pattern, "COUNT", SCAN_STEP);
        const [next, keys] = (await this.#sent(scan)) as [string, string[]];
        if (keys.length > 0) await this.command("UNLINK", ...keys);
        cursor = next;
      } while (cursor !== "0");
    }
  }

  readonly #onError = (error: unknown): void => {
    this.#lastError = error;
  };

  readonly #onClose = (): void => {
    for (const fail of this.#inFlight) fail(lostReply(this.server, "connection_lost", this.#lastError));
  };

  #sent<T>(send: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        timer.cancel();
        this.#inFlight.delete(fail);
      };
      const fail = (error: Error): void => {
        finish();
        reject(error);
      };
      const timer = systemClock.setTimer(() => {
        fail(lostReply(this.server, "timeout"));
        // A connection that says nothing for so long may be dead without knowing it.
        if (this.#owned && !this.#closed && this.client instanceof Redis) this.client.disconnect(true);
      }, this.#timeoutMs);
      this.#inFlight.add(fail);
      send().then(
        (value) => {
          finish();
          resolve(value);
        },
        (thrown: unknown) => fail(this.#failure(thrown)),
      );
    });
  }

  /** A command that was sent may have been carried out, unless the server itself says that it was not. */
  #failure(thrown: unknown): Error {
    if (thrown instanceof Error && thrown.message === "Connection is closed.") {
      return lostReply(this.server, "connection_lost", thrown);
    }
    return toRedisError(thrown, this.server);
  }

  /** Waits for a connection, all callers together. */
  #ready(): Promise<void> {
    this.#readiness ??= this.#becomesReady().finally(() => {
      this.#readiness = null;
    });
    return this.#readiness;
  }

  async #becomesReady(): Promise<void> {
    const { client } = this;
    if (client.status === "end") {
      throw unavailable(this.server, new Error("Connection is closed."));
    }
    let onReady: (() => void) | undefined;
    try {
      await this.#within(() => {
        if (client.status === "wait") return client.connect();
        return new Promise<void>((resolve) => {
          onReady = resolve;
          client.once("ready", resolve);
        });
      });
    } catch (thrown) {
      throw unavailable(this.server, this.#lastError ?? thrown);
    } finally {
      if (onReady) client.off("ready", onReady);
    }
  }

  #within<T>(work: () => Promise<T>): Promise<T> {
    let timer: Timer | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = systemClock.setTimer(
        () => reject(unavailable(this.server, this.#lastError ?? new Error("connect ETIMEDOUT"))),
        this.#timeoutMs,
      );
    });
    return Promise.race([work(), late]).finally(() => timer?.cancel());
  }
}

function createClient(url: string, cluster: boolean, timeoutMs: number): RedisClient {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  const host = hostname.replaceAll(/[[\]]/g, "") || "localhost";
  const address = { host, port: Number(port || 6379) };
  const login = {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" && { tls: {} }),
    connectTimeout: timeoutMs,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
  };
  const common = { lazyConnect: true, enableOfflineQueue: false };
  if (!cluster)
    return new Redis({ ...address, ...login, ...common, db: Number(pathname.slice(1) || 0), retryStrategy });
  return new Cluster([address], {
    ...common,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: timeoutMs,
    redisOptions: login,
  });
}

function retryStrategy(attempt: number): number {
  return Math.min(attempt * 25, MAX_PAUSE_MS);
}
