import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDebianPackage } from "./debian-package.ts";
import { freePort } from "./free-port.ts";
import { serverUser } from "./postgres-binaries.ts";
import type { PostgresServer } from "./postgres-server.ts";
import { Watchdog } from "./watchdog.ts";

/** A pooler before a server of Postgres, which gives each transaction whatever connection is free. */
export interface PgBouncer {
  /** For the server's superuser. */
  readonly url: string;
  /** Ends it and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 30_000;

/** Starts PgBouncer in transaction mode, with few connections to the server, so that clients share them. */
export async function startPgBouncer(
  server: Pick<PostgresServer, "host" | "port">,
  connections = 3,
): Promise<PgBouncer> {
  const binary = await ensureDebianPackage("pgbouncer", "pgbouncer");
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "omniq-pgbouncer-"));
  if (user) chownSync(folder, user.uid, user.gid);
  const pidFile = join(folder, "pid");
  const watchdog = new Watchdog(folder, pidFile, user);
  try {
    const port = await freePort();
    const users = join(folder, "users");
    writeFileSync(users, '"postgres" ""\n', { mode: 0o644 });
    const settings = [
      "[databases]",
      `* = host=${server.host} port=${server.port} user=postgres`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = trust",
      `auth_file = ${users}`,
      "pool_mode = transaction",
      `default_pool_size = ${connections}`,
      `logfile = ${join(folder, "log")}`,
    ];
    const config = join(folder, "pgbouncer.ini");
    writeFileSync(config, `${settings.join("\n")}\n`, { mode: 0o644 });
    const pooler = spawn(binary, ["-q", config], { ...user, cwd: folder, stdio: "ignore" });
    await once(pooler, "spawn");
    // Its own would be written once it listens already: who stops it at once would find none.
    writeFileSync(pidFile, `${pooler.pid}\n`, { mode: 0o644 });
    await listening(pooler, port, join(folder, "log"));
    pooler.unref();
    const gone = once(pooler, "exit");
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      async stop() {
        pooler.ref();
        await watchdog.release();
        // It was told to end; its port is free once it has.
        await gone;
      },
    };
  } catch (error) {
    await watchdog.release();
    throw error;
  }
}

async function listening(pooler: ChildProcess, port: number, log: string): Promise<void> {
  const giveUpAt = Date.now() + START_LIMIT_MS;
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      // Not yet.
    } finally {
      socket.destroy();
    }
    if (pooler.exitCode !== null || Date.now() > giveUpAt) {
      throw new Error(`PgBouncer did not start: ${logOf(log)}`);
    }
    await sleep(10);
  }
}

function logOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "it wrote no log";
  }
}
