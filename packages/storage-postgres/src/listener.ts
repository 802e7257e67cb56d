import { type Timer, systemClock } from "@omniq/core";
import type { Watch } from "@omniq/core/storage";
import { Client, escapeIdentifier, type PoolConfig } from "pg";

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5000;

export interface ListenerOptions {
  readonly config: PoolConfig;
  readonly channel: string;
  /** How long a sign of life may take; one is asked for as often. */
  readonly heartbeatMs: number;
}

/**
 * Listens for hints on a connection of its own. A connection can die without a word, so it is asked for a sign of life
 * again and again. When another has taken its place, that is a hint too, for what was told meanwhile.
 */
export class Listener implements Watch {
  readonly #options: ListenerOptions;
  readonly #onHint: () => void;
  #client: Client | null = null;
  #timer: Timer | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #isClosed = false;

  constructor(options: ListenerOptions, onHint: () => void) {
    this.#options = options;
    this.#onHint = onHint;
  }

  /** Resolves once hints come in. Where that fails it goes on trying, and polling serves meanwhile. */
  async open(): Promise<void> {
    const { config, channel, heartbeatMs } = this.#options;
    const client = new Client({
      ...config,
      connectionTimeoutMillis: heartbeatMs,
      query_timeout: heartbeatMs,
    });
    this.#client = client;
    client.on("error", () => this.#lost(client));
    client.on("end", () => this.#lost(client));
    client.on("notification", () => this.#onHint());
    try {
      await client.connect();
      await client.query(`listen ${escapeIdentifier(channel)}`);
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#beatLater(client);
    } catch {
      this.#lost(client);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#client?.end().catch(() => {});
  }

  #beatLater(client: Client): void {
    if (this.#isClosed) return;
    this.#timer = systemClock.setTimer(() => {
      client.query("select 1").then(
        () => this.#beatLater(client),
        () => this.#lost(client),
      );
    }, this.#options.heartbeatMs);
  }

  #lost(client: Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#timer?.cancel();
    // Whoever is not there does not answer a goodbye.
    client.connection.stream.destroy();
    if (this.#isClosed) return;
    this.#timer = systemClock.setTimer(() => {
      void this.open().then(() => this.#onHint());
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, MAX_PAUSE_MS);
  }
}
