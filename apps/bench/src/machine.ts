import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, totalmem, type } from "node:os";
import Database from "better-sqlite3";
import { versionOfPeer } from "./peers.ts";
import { PEERS } from "./systems.ts";
import type { Store } from "./system.ts";

const DRIVERS: Readonly<Record<Store, string | null>> = {
  sqlite: "better-sqlite3",
  postgres: "pg",
  redis: "ioredis",
  file: null,
};

/** The machine, without its name. */
export function machine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 1e9);
  return `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"}), ${memory} GB, ${type()}`;
}

/** The versions of everything that took part. */
export function versionsOf(
  store: Store,
  server: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const driver = DRIVERS[store];
  return {
    node: process.versions.node,
    ...(driver && { [driver]: versionOf(driver) }),
    ...(store === "sqlite" && { sqlite: sqliteVersion() }),
    ...server,
    ...Object.fromEntries(PEERS[store].map((peer) => [peer, versionOfPeer(peer)])),
  };
}

function versionOf(name: string): string {
  const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}

function sqliteVersion(): string {
  const db = new Database(":memory:");
  const version = db.prepare("select sqlite_version()").pluck().get() as string;
  db.close();
  return version;
}
