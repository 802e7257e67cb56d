import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureDebianPackage } from "./debian-package.ts";
import { freePort } from "./free-port.ts";
import { talkToRedis } from "./redis-talk.ts";
import { Watchdog } from "./watchdog.ts";

export interface RedisServerOptions {
  /** When the log of writes is synced; `off` for a server that keeps nothing. Default `everysec`. */
  readonly appendfsync?: "always" | "everysec" | "off";
  readonly maxmemory?: string;
  readonly maxmemoryPolicy?: string;
  readonly password?: string;
  /** Further arguments, such as `--replicaof`, `127.0.0.1 7001`. */
  readonly args?: readonly string[];
}

/** A server of Redis that only this process knows of. */
export interface RedisServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Where its data lies. */
  readonly folder: string;
  /** Ends it at once, as the kernel would. What it acknowledged stays for certain only with `appendfsync` always. */
  kill(): Promise<void>;
  /** Starts it again after {@link RedisServer.kill}, with what it kept, on the same port. */
  start(): Promise<void>;
  /** Halts it, so that connections stay open and nothing is answered, until {@link RedisServer.resume}. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const START_LIMIT_MS = 30_000;
const START_TRIES = 5;

/** Starts a throwaway server in a temporary folder. It is gone with this process, if it is not stopped before. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = await ensureDebianPackage("redis-server", "redis-server");
  // Another process may take the port in between; then another one is tried.
  for (let tries = 1; ; tries++) {
    const folder = await mkdtemp(join(tmpdir(), "omniq-redis-"));
    const server = new ThrowawayRedis(binary, folder, await freePort(), options);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      if (tries === START_TRIES || !/address already in use/i.test((error as Error).message)) throw error;
    }
  }
}

class ThrowawayRedis implements RedisServer {
  readonly host = HOST;
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly #command: readonly string[];
  readonly #password: string | undefined;
  readonly #pidFile: string;
  readonly #watchdog: Watchdog;
  #server: ChildProcess | null = null;

  constructor(binary: string, folder: string, port: number, options: RedisServerOptions) {
    const { appendfsync = "everysec", password, maxmemory, maxmemoryPolicy, args = [] } = options;
    this.port = port;
    this.url = `redis://${password === undefined ? "" : `:${encodeURIComponent(password)}@`}${HOST}:${port}`;
    this.folder = folder;
    this.#pidFile = join(folder, "pid");
    this.#watchdog = new Watchdog(folder, this.#pidFile, null);
    this.#password = password;
    this.#command = [
      binary,
      "--port",
      String(port),
      "--bind",
      HOST,
      "--dir",
      folder,
      "--save",
      "",
      ...(appendfsync === "off"
        ? ["--appendonly", "no"]
        : ["--appendonly", "yes", "--appendfsync", appendfsync]),
      ...(password === undefined ? [] : ["--requirepass", password]),
      ...(maxmemory === undefined ? [] : ["--maxmemory", maxmemory]),
      ...(maxmemoryPolicy === undefined ? [] : ["--maxmemory-policy", maxmemoryPolicy]),
      ...args,
    ];
  }

  async start(): Promise<void> {
    if (this.#server) return;
    const [binary = "", ...args] = this.#command;
    const log = openSync(join(this.folder, "log"), "a");
    const server = spawn(binary, args, { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    await once(server, "spawn");
    writeFileSync(this.#pidFile, `${server.pid}\n`);
    // A process that has nothing else left to do may end, and the server ends with it.
    server.unref();
    this.#server = server;
    await this.#answers(server);
  }

  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server || hasEnded(server)) return;
    server.ref();
    const exit = once(server, "exit");
    server.kill("SIGKILL");
    await exit;
    rmSync(this.#pidFile);
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.#watchdog.release();
  }

  pause(): void {
    this.#server?.kill("SIGSTOP");
  }

  resume(): void {
    this.#server?.kill("SIGCONT");
  }

  async #answers(server: ChildProcess): Promise<void> {
    const giveUpAt = Date.now() + START_LIMIT_MS;
    for (;;) {
      if (hasEnded(server)) throw new Error(`redis-server ended at once. Its log:\n${this.#log()}`);
      try {
        const address = { host: HOST, port: this.port, password: this.#password };
        if ((await talkToRedis(address, "PING")) === "+PONG") return;
      } catch {
        // Not listening yet.
      }
      if (Date.now() > giveUpAt) throw new Error(`redis-server does not answer. Its log:\n${this.#log()}`);
      await delay(10);
    }
  }

  #log(): string {
    try {
      return readFileSync(join(this.folder, "log"), "utf8");
    } catch {
      return "(none)";
    }
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
