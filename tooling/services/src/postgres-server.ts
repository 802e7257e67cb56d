import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import {
  type PostgresBinaries,
  type PostgresVersion,
  postgresBinaries,
  serverUser,
} from "./postgres-binaries.ts";
import { type User, Watchdog, unref } from "./watchdog.ts";

export interface PostgresOptions {
  /** Default 18. */
  readonly version?: PostgresVersion;
  /** Whether commits reach the disk before they are acknowledged, as in production. Default true. */
  readonly fsync?: boolean;
}

/** A server of Postgres for tests, in a folder of its own. It goes with the process that started it, at the latest. */
export interface PostgresServer {
  /** For its superuser, who needs no password; every other user does. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly version: PostgresVersion;
  /** Ends it at once with all its connections, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port and data. */
  start(): Promise<void>;
  /** Ends it and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const START_LIMIT_MS = 60_000;

const ACCESS = `host all postgres ${HOST}/32 trust
host all all ${HOST}/32 password
`;

/** Starts a throwaway server on a free port. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { version = 18, fsync = true } = options;
  const user = serverUser();
  const binaries = postgresBinaries(version, user);
  const folder = mkdtempSync(join(tmpdir(), "omniq-postgres-"));
  if (user) chownSync(folder, user.uid, user.gid);
  const watchdog = new Watchdog(folder, join(folder, "data", "postmaster.pid"), user);
  try {
    const port = await freePort();
    initialize(binaries, folder, user);
    const settings = [`port=${port}`, `fsync=${fsync ? "on" : "off"}`];
    let running = await run(binaries, folder, user, settings, port);
    return {
      url: `postgres://postgres@${HOST}:${port}/postgres`,
      host: HOST,
      port,
      version,
      kill: () => killed(running),
      async start() {
        running = await run(binaries, folder, user, settings, port);
      },
      async stop() {
        await killed(running);
        await watchdog.release();
      },
    };
  } catch (error) {
    await watchdog.release();
    throw error;
  }
}

function initialize({ initdb }: PostgresBinaries, folder: string, user: User | null): void {
  const data = join(folder, "data");
  const args = ["-D", data, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync"];
  const { status, stderr, error } = spawnSync(initdb, args, { ...user, encoding: "utf8", cwd: folder });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`, { cause: error });
  writeFileSync(join(data, "pg_hba.conf"), ACCESS);
}

async function run(
  { postgres }: PostgresBinaries,
  folder: string,
  user: User | null,
  settings: readonly string[],
  port: number,
): Promise<ChildProcess> {
  const fixed = [`listen_addresses=${HOST}`, "unix_socket_directories=", "max_connections=300"];
  const args = ["-D", join(folder, "data"), ...[...settings, ...fixed].flatMap((one) => ["-c", one])];
  const giveUpAt = Date.now() + START_LIMIT_MS;
  for (;;) {
    const server = spawn(postgres, args, { ...user, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let log = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-10_000);
    });
    while (server.exitCode === null && !/ready to accept connections/.test(log)) {
      if (Date.now() > giveUpAt) throw new Error(`Postgres did not start: ${log}`);
      await sleep(10);
    }
    if (server.exitCode === null && (await answers(port))) {
      server.unref();
      unref(server.stderr);
      return server;
    }
    // After a crash, what the server before had left over may take a moment to go.
    if (!/shared memory|lock file|Address already in use/.test(log) || Date.now() > giveUpAt) {
      throw new Error(`Postgres did not start: ${log}`);
    }
    await sleep(50);
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The backends too: one that is left to itself may finish what it was at. */
async function killed(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  server.ref();
  const gone = once(server, "exit");
  // Stopped first, so that it starts no more of them.
  process.kill(server.pid, "SIGSTOP");
  const backends = childrenOf(server.pid);
  for (const pid of [server.pid, ...backends]) end(pid);
  await gone;
  while (backends.some(isAlive)) await sleep(5);
}

function childrenOf(pid: number): readonly number[] {
  try {
    const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return ids === "" ? [] : ids.split(" ").map(Number);
  } catch {
    // Where there is no such file, they notice by themselves that their parent is gone.
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It was faster.
  }
}

function isAlive(pid: number): boolean {
  try {
    // A zombie whose parent is gone is taken away by the system's first process, sooner or later.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
