import { systemClock } from "@omniq/core";
import { Cluster, Redis } from "ioredis";
import { redisFailure, toRedisError } from "./redis-failure.ts";
import type { RedisClient, Settings } from "./redis-options.ts";
import type { Script } from "./scripts.ts";

/** How long the pauses between attempts to connect again may become. */
const MAX_PAUSE_MS = 500;
/** What the client says where it has not even tried to send a command. */
const NOT_SENT = /isn't writeable|isn't ready/;
/** What it says of whatever it had sent, or had still to send. */
const CLOSED = "Connection is closed.";

/** What it says because of an error that it told of before. */
const FOLLOWS = /writeable|Connection is closed|None of startup nodes/;

/** One call, from its beginning to its end. */
interface Call {
  isSent: boolean;
  send(): void;
  fail(error: Error): void;
}

/**
 * One client, and what a call over a wire needs besides: a limit on its time, an end as soon as its connection is lost,
 * and errors that say whether it may have been carried out.
 *
 * A call waits for a connection and is sent then, or is refused as surely not made. Nothing that was sent is sent again:
 * whether to do so is for the caller to say, who is told that the outcome is unknown. Calls end by what the event loop
 * brings, never within the turn in which they were made: a caller who tries again at once must not starve the events that
 * would help.
 */
export class Connection {
  readonly client: RedisClient;
  /** Where the server is, for messages; never with the password. */
  readonly server: string;
  /** Whether the client may send a command again whose reply was lost. */
  readonly resends: boolean;
  readonly #isOwned: boolean;
  readonly #timeoutMs: number;
  readonly #calls = new Set<Call>();
  readonly #listeners: readonly (readonly [event: string, listener: (error?: unknown) => void])[];
  #wasReady = false;
  #lastError: unknown = null;

  /** Connects with the first call. If that fails, the connection has ended; later on it is made again and again. */
  constructor(settings: Settings) {
    const { client, url, timeoutMs } = settings;
    this.#isOwned = client === null;
    this.#timeoutMs = timeoutMs;
    this.client =
      client ?? createClient(settings, (tries) => this.#wasReady && Math.min(tries * 25, MAX_PAUSE_MS));
    this.resends = !this.#isOwned || this.client instanceof Cluster;
    this.server = client
      ? "The Redis server of the client given"
      : `Redis at ${new URL(url).host || "localhost"}`;
    this.#listeners = [
      ["error", (error) => this.#onError(error)],
      ["ready", () => this.#onReady()],
      ["close", () => this.#fail((call) => call.isSent, this.#lost(this.#lastError))],
      ["end", () => this.#fail(() => true, this.#unavailable())],
    ];
    for (const [event, listener] of this.#listeners) this.client.on(event, listener);
  }

  close(): void {
    if (this.#isOwned) this.client.disconnect();
    // What a client of ours still has to say once it is let go must find a listener.
    else for (const [event, listener] of this.#listeners) this.client.off(event, listener);
  }

  /** Sends one command. */
  command(name: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#call(() => this.client.call(name, ...args));
  }

  /** Runs a script on the keys of one base. A server that does not know it is told. */
  run(script: Script, base: string, args: readonly string[]): Promise<unknown> {
    // One array for all, since a call takes only so many arguments.
    const command = (name: string, what: string): Promise<unknown> =>
      this.client.call(name, [what, 1, base, ...args]);
    return this.#call(async () => {
      try {
        return await command("evalsha", script.sha);
      } catch (thrown) {
        if (!(thrown as Error).message.startsWith("NOSCRIPT")) throw thrown;
        return command("eval", script.source);
      }
    });
  }

  #call(command: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        timer.cancel();
        this.#calls.delete(call);
        settle();
      };
      const call: Call = {
        isSent: false,
        send: () => {
          call.isSent = true;
          command().then(
            (reply) => end(() => resolve(reply)),
            (thrown: Error) => {
              // The client has found out before its events have told: there will be another connection, or an end.
              if (NOT_SENT.test(thrown.message)) call.isSent = false;
              else
                call.fail(thrown.message === CLOSED ? this.#lost(thrown) : toRedisError(thrown, this.server));
            },
          );
        },
        fail: (error) => end(() => reject(error)),
      };
      const { status } = this.client;
      const overrun = (): void => {
        call.fail(call.isSent ? redisFailure("timeout", this.server) : this.#unavailable());
      };
      // Even where all hope is gone, it takes a turn of the event loop to say so.
      const timer = systemClock.setTimer(overrun, status === "end" ? 0 : this.#timeoutMs);
      this.#calls.add(call);
      if (status === "ready") call.send();
      else if (status === "wait") this.client.connect().catch((error: unknown) => this.#onError(error));
    });
  }

  #lost(thrown: unknown): Error {
    return redisFailure("connection_lost", this.server, thrown);
  }

  #unavailable(): Error {
    return toRedisError(this.#lastError, this.server, "unavailable");
  }

  #fail(which: (call: Call) => boolean, error: Error): void {
    for (const call of this.#calls) if (which(call)) call.fail(error);
  }

  #onReady(): void {
    this.#wasReady = true;
    this.#lastError = null;
    for (const call of this.#calls) if (!call.isSent) call.send();
  }

  #onError(error: unknown): void {
    const { message = "" } = error as Partial<Error>;
    // What only follows from an error tells less than the error itself.
    if (!this.#lastError || !FOLLOWS.test(message)) this.#lastError = error;
    // The client would go on with database 0.
    if (this.#isOwned && /DB index/.test(message)) this.client.disconnect(true);
  }
}

function createClient(
  { url, cluster, timeoutMs }: Settings,
  pauseMs: (tries: number) => number | false,
): RedisClient {
  const retryStrategy = (tries: number): number | null => pauseMs(tries) || null;
  const common = { lazyConnect: true, enableOfflineQueue: false };
  const connection = {
    connectTimeout: timeoutMs,
    // A socket that says nothing for so long may be dead without knowing it.
    socketTimeout: timeoutMs,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
  };
  if (!cluster) return new Redis(url, { ...common, ...connection, retryStrategy });
  const { username, password, protocol } = new URL(url);
  const login = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return new Cluster([url], {
    ...common,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: timeoutMs,
    redisOptions: { ...connection, ...login, ...(protocol === "rediss:" && { tls: {} }) },
  });
}
