import { sleep, systemClock } from "@omniq/core";
import { FAILURES, withinTime } from "@omniq/core/storage";
import { type Address, type RedisClient, createClient, isCluster } from "./client.ts";
import { redisFailure, toRedisError } from "./redis-failure.ts";
import type { FindScript } from "./scripts.ts";

/** How long the pauses between attempts to connect again may become. */
const MAX_PAUSE_MS = 500;
/** What the client says where it has not even tried to send a command. */
const NOT_SENT = /isn't writeable|isn't ready/;
/** What the client of a cluster says once it was sent from node to node too often. */
const SENT_ON = /Cluster redirections/;
/** What it says because of an error that it told of before. */
const FOLLOWS = /writeable|Connection is closed|None of startup nodes/;

/** What the client makes a text of. */
export type Argument = string | number | null;

export interface ConnectionOptions extends Address {
  /** A client that was handed in, in place of a URL. It is neither configured nor closed. */
  readonly client: RedisClient | null;
  /** What all keys begin with, in braces, which keep them in one slot of a cluster. */
  readonly prefix: string;
}

/**
 * One client, and what a call over a wire needs besides: a limit on its time, and errors that say whether it may have been
 * carried out.
 *
 * A call waits for a connection and is sent then, or is refused as surely not made. A client of ours sends nothing again:
 * whether to do so is for the caller to say, who is told that the outcome is unknown. Calls end by what the event loop
 * brings, never within the turn in which they were made: a caller who tries again at once must not starve the events that
 * would help.
 */
export class Connection {
  readonly client: RedisClient;
  /** What all keys begin with. */
  readonly base: string;
  /** Where the server is, for messages; never with the password. */
  readonly server: string;
  /** Whether the client may send a command again whose reply was lost. */
  readonly resends: boolean;
  readonly #isOwned: boolean;
  readonly #timeoutMs: number;
  readonly #script: FindScript;
  readonly #listeners: readonly (readonly [event: string, listener: (error?: unknown) => void])[];
  #next: PromiseWithResolvers<void> | null = null;
  #wasReady = false;
  /** How many nodes of a cluster the client has lost so far. */
  #nodesLost = 0;
  #lastError: unknown = null;

  /** Connects with the first call. If that fails, the connection has ended; later on it is made again and again. */
  constructor(options: ConnectionOptions, script: FindScript) {
    const { client, url, timeoutMs, prefix } = options;
    this.#isOwned = client === null;
    this.#timeoutMs = timeoutMs;
    this.#script = script;
    this.base = `{${prefix}}:`;
    this.client = client ?? createClient(options, (tries) => this.#pauseMs(tries));
    this.resends = !this.#isOwned || isCluster(this.client);
    const host = new URL(url).host || "localhost";
    this.server = client ? "The Redis server of the client given" : `Redis at ${host}`;
    this.#listeners = [
      ["error", (error) => this.#onError(error)],
      ["ready", () => this.#onReady()],
      ["end", () => this.#onEnd()],
      ["-node", () => this.#nodesLost++],
    ];
    for (const [event, listener] of this.#listeners) this.client.on(event, listener);
  }

  close(): void {
    if (this.#isOwned) this.client.disconnect();
    // What a client of ours still has to say once it is let go must find a listener.
    else for (const [event, listener] of this.#listeners) this.client.off(event, listener);
  }

  /** The whole name of a key. */
  key(name: string): string {
    return this.base + name;
  }

  /** Sends one command. */
  command(name: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#call(() => this.client.call(name, ...args));
  }

  /**
   * Runs a script, which is given what all keys begin with, and the key `meta`, by which a cluster tells that their slot is
   * moving; null goes as nothing. A server that does not know it is told.
   */
  run(name: string, args: readonly Argument[]): Promise<unknown> {
    const { sha, source } = this.#script(name);
    // One array for all, since a call takes only so many arguments.
    const command = (by: string, what: string): Promise<unknown> =>
      this.client.call(by, [what, 2, this.base, this.key("meta"), ...args] as string[]);
    return this.#call(async () => {
      try {
        return await command("evalsha", sha);
      } catch (thrown) {
        if (!(thrown as Error).message.startsWith("NOSCRIPT")) throw thrown;
        return command("eval", source);
      }
    });
  }

  #call(command: () => Promise<unknown>): Promise<unknown> {
    let isSent = false;
    let isOver = false;
    const attempt = async (): Promise<unknown> => {
      for (let again = false; ; again = true) {
        if (again || this.client.status !== "ready") await this.#connected();
        if (isOver) return null;
        isSent = true;
        const nodesLost = this.#nodesLost;
        try {
          return await command();
        } catch (thrown) {
          const { message } = thrown as Error;
          // Of many tries, one to a node that was then lost may have come through.
          if (SENT_ON.test(message) && this.#nodesLost > nodesLost)
            throw redisFailure(FAILURES.connectionLost, this.server, thrown);
          // The client has found out before its events have told: there will be another connection, or an end.
          if (!NOT_SENT.test(message)) throw toRedisError(thrown, this.server);
          isSent = false;
        }
      }
    };
    return withinTime(this.#timeoutMs, attempt(), () => {
      isOver = true;
      return isSent ? redisFailure(FAILURES.timeout, this.server) : this.#unreachable();
    });
  }

  /** Resolves with the next connection, and rejects where there will be none. */
  async #connected(): Promise<void> {
    const { status } = this.client;
    if (status === "wait") this.client.connect().catch((error: unknown) => this.#onError(error));
    if (status === "end") {
      await sleep(systemClock, 0);
      throw this.#unreachable();
    }
    this.#next ??= Promise.withResolvers<void>();
    await this.#next.promise;
  }

  #onReady(): void {
    this.#wasReady = true;
    this.#lastError = null;
    this.#next?.resolve();
    this.#next = null;
  }

  #onEnd(): void {
    this.#next?.reject(this.#unreachable());
    this.#next = null;
  }

  #onError(error: unknown): void {
    const { message = "" } = error as Partial<Error>;
    // What only follows from an error tells less than the error itself.
    if (!this.#lastError || !FOLLOWS.test(message)) this.#lastError = error;
    // The client would go on with database 0.
    if (this.#isOwned && /DB index/.test(message)) this.client.disconnect(true);
  }

  #unreachable(): Error {
    return toRedisError(this.#lastError, this.server, FAILURES.unreachable);
  }

  /** Null ends it: a server that was never reached is not waited for. */
  #pauseMs(tries: number): number | null {
    return this.#wasReady ? Math.min(tries * 25, MAX_PAUSE_MS) : null;
  }
}
