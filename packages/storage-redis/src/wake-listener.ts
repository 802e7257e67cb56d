import { type Timer, systemClock } from "@omniq/core";
import type { Watch } from "@omniq/core/storage";
import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "./redis-options.ts";

const MAX_PAUSE_MS = 1000;

/**
 * Hears what other processes announce, over a connection of its own. A message that is missed costs no more than a
 * poll; what must not happen is that a connection which died in silence is listened to for ever. So it is asked for a
 * sign of life, and replaced where it gives none in time. Each new connection counts as an announcement: there may have
 * been some in between.
 */
export class WakeListener implements Watch {
  readonly #client: RedisClient;
  readonly #channel: string;
  readonly #onHint: () => void;
  readonly #patienceMs: number;
  #connection: Redis | null = null;
  #timer: Timer | null = null;
  #failures = 0;
  #closed = false;

  constructor(client: RedisClient, channel: string, patienceMs: number, onHint: () => void) {
    this.#client = client;
    this.#channel = channel;
    this.#patienceMs = patienceMs;
    this.#onHint = onHint;
  }

  /** Resolves once it listens, or once the first try has failed; further ones follow by themselves. */
  start(): Promise<void> {
    return this.#listen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#connection?.disconnect();
  }

  async #listen(): Promise<void> {
    const connection = this.#connect();
    this.#connection = connection;
    if (!connection) {
      this.#listenAgain(connection);
      return;
    }
    connection.on("error", () => {});
    connection.once("end", () => this.#listenAgain(connection));
    connection.on("message", () => this.#onHint());
    const deadline = systemClock.setTimer(() => connection.disconnect(), this.#patienceMs);
    try {
      await connection.connect();
      await connection.subscribe(this.#channel);
      deadline.cancel();
      this.#failures = 0;
      this.#onHint();
      this.#askForLife(connection);
    } catch {
      deadline.cancel();
      connection.disconnect();
    }
  }

  #askForLife(connection: Redis): void {
    if (this.#closed || this.#connection !== connection) return;
    this.#timer = systemClock.setTimer(() => {
      const deadline = systemClock.setTimer(() => connection.disconnect(), this.#patienceMs);
      this.#timer = deadline;
      connection.ping().then(
        () => {
          deadline.cancel();
          this.#askForLife(connection);
        },
        () => connection.disconnect(),
      );
    }, this.#patienceMs);
  }

  #listenAgain(connection: Redis | null): void {
    if (this.#closed || this.#connection !== connection) return;
    this.#timer?.cancel();
    const pause = Math.min(50 * 2 ** this.#failures++, MAX_PAUSE_MS);
    this.#timer = systemClock.setTimer(() => void this.#listen(), pause);
  }

  /** Any node of a cluster will do: what is announced on one is heard on all. Null while none is known. */
  #connect(): Redis | null {
    const nodes = this.#client instanceof Cluster ? this.#client.nodes("master") : [this.#client];
    const like = nodes[this.#failures % Math.max(nodes.length, 1)];
    if (!like) return null;
    return like.duplicate({
      lazyConnect: true,
      enableOfflineQueue: false,
      retryStrategy: null,
      connectTimeout: this.#patienceMs,
    });
  }
}
