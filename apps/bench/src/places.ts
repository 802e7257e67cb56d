import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { Client } from "pg";
import type { Place, Store } from "./system.ts";

/** Gives every measurement a place of its own, on a server that is started when it is first needed. */
export class Places {
  readonly store: Store;
  #server: ChildProcess | null = null;
  #url = "";
  #count = 0;

  constructor(store: Store) {
    this.store = store;
  }

  /** Runs `work` on an empty place, and removes it. */
  async use<T>(work: (place: Place) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), "omniq-bench-"));
    const url = await this.#emptyServer();
    try {
      return await work({ store: this.store, folder, url });
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await this.#remove(url);
    }
  }

  /** What the server says of itself and its settings; nothing where there is none. */
  async describe(): Promise<Readonly<Record<string, string>>> {
    if (this.store === "postgres") {
      const url = await this.#start("postgres");
      const { rows } = await query(
        url,
        "select current_setting('server_version') as v, current_setting('fsync') as f",
      );
      const { v, f } = rows[0] as { v: string; f: string };
      return { postgres: v, fsync: f };
    }
    if (this.store === "redis") {
      const redis = new Redis(await this.#start("redis"));
      const info = await redis.info("server");
      const [, appendfsync = ""] = await redis.config("GET", "appendfsync");
      redis.disconnect();
      return { redis: /^redis_version:(\S+)/m.exec(info)?.[1] ?? "", appendfsync };
    }
    return {};
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const ended = once(server, "exit");
    server.disconnect();
    await ended;
  }

  async #emptyServer(): Promise<string> {
    if (this.store === "redis") {
      const url = await this.#start("redis");
      const redis = new Redis(url);
      await redis.flushall();
      redis.disconnect();
      return url;
    }
    if (this.store !== "postgres") return "";
    const server = await this.#start("postgres");
    const name = `bench_${++this.#count}`;
    await query(server, `create database ${name}`);
    // What measurements before have left to be written is not part of the next.
    await query(server, "checkpoint");
    return Object.assign(new URL(server), { pathname: `/${name}` }).href;
  }

  async #remove(url: string): Promise<void> {
    if (this.store !== "postgres") return;
    await query(this.#url, `drop database ${new URL(url).pathname.slice(1)} with (force)`);
  }

  async #start(name: "postgres" | "redis"): Promise<string> {
    if (this.#server) return this.#url;
    const server = fork(fileURLToPath(new URL("../servers/main.ts", import.meta.url)), [name]);
    const exited = once(server, "exit").then(() => {
      throw new Error(`No server of ${name} could be started`);
    });
    exited.catch(() => {});
    const [url] = (await Promise.race([once(server, "message"), exited])) as [string];
    this.#server = server;
    this.#url = url;
    return url;
  }
}

async function query(url: string, sql: string) {
  const client = new Client(url);
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
