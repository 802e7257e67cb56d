import { randomUUID } from "node:crypto";
import { startRedis } from "@omniq/services";
import { RedisStorage, type RedisStorageOptions } from "@omniq/storage-redis";
import type { Place, StorageHarness } from "@omniq/storage-testkit";
import { loadFixture } from "./fixture.ts";
import { clientOf, forget, keysOf } from "./server.ts";

export interface RedisPlace {
  readonly url: string;
  readonly prefix: string;
}

export interface HarnessOptions {
  readonly name: string;
  readonly module: string;
  /** A server for many places, each a prefix of its own. */
  readonly server: () => Promise<string>;
  readonly durability?: "server" | "always";
  readonly cluster?: boolean;
  /** Another class in place of the adapter's own. */
  readonly storage?: (new (options: RedisStorageOptions) => RedisStorage) | undefined;
}

/** How the kit gets at this adapter on one kind of server. */
export function redisHarness({
  name,
  module,
  server: sharedServer,
  durability = "server",
  cluster = false,
  storage: Storage = RedisStorage,
}: HarnessOptions): StorageHarness<RedisPlace> {
  return {
    name,
    module,
    async setUp({ ownServer }) {
      const own = ownServer && !cluster ? await startRedis({ appendfsync: "always" }) : null;
      const config = { url: own?.url ?? (await sharedServer()), prefix: `test-${randomUUID()}` };
      if (!cluster) await teachScripts(config.url);
      const place = placeOf(config, cluster);
      if (!own) return place;
      return {
        ...place,
        server: { host: own.host, port: own.port, kill: () => own.kill(), start: () => own.start() },
        async cleanUp() {
          forget(config.url);
          await own.stop();
        },
      };
    },
    connect({ url, prefix }, { address, timeoutMs, ...options }) {
      const reached = new URL(url);
      if (address) reached.host = `${address.host}:${address.port}`;
      return new Storage({
        ...options,
        url: reached.href,
        prefix,
        cluster,
        durability,
        testClock: true,
        ...(timeoutMs !== undefined && { timeout: { milliseconds: timeoutMs } }),
      });
    },
  };
}

const taught = new Map<string, Promise<void>>();

/**
 * Sees to it that a server knows the scripts of workers. Else the first reply of a call would be that it does not, and a
 * rule that loses that one would never lose the one that matters.
 */
function teachScripts(url: string): Promise<void> {
  const teach = async (): Promise<void> => {
    await using store = new RedisStorage({ url, prefix: `test-${randomUUID()}`, testClock: true });
    await store.enqueue({ groups: [[{ name: "work" }]] });
    await store.dequeue({ limit: 1, workerId: "worker", leaseMs: 1000 });
    await store.destroy();
  };
  let teaching = taught.get(url);
  if (!teaching) taught.set(url, (teaching = teach()));
  return teaching;
}

function placeOf(config: RedisPlace, cluster: boolean): Place<RedisPlace> {
  const { url, prefix } = config;
  const { hostname, port } = new URL(url);
  const client = clientOf(url, cluster);
  const key = (name: string): string => `{${prefix}}:${name}`;
  return {
    config,
    async setNow(now) {
      await client.hset(key("meta"), "clock", now);
    },
    async claimWork() {
      const examined = await client.hget(key("meta"), "examined");
      await client.hdel(key("meta"), "examined");
      return Number(examined ?? 0);
    },
    async corrupt(taskId) {
      await client.hset(key("tasks"), taskId, "RUNN?NG\0not a row");
    },
    // Nodes of a cluster send their clients to one another, past whatever stands before one of them.
    ...(!cluster && { server: { host: hostname, port: Number(port || 6379) } }),
    syncSettings: { appendonly: "yes", appendfsync: "always" },
    format: {
      fixtures: [{ name: "format 1", load: () => loadFixture(client, prefix, "format-1.json") }],
      async makeNewer() {
        await client.hset(key("meta"), "format", 999);
      },
      async contents() {
        const keys = await keysOf(client, prefix);
        const dumps = await Promise.all(keys.map((name) => client.dumpBuffer(name)));
        return JSON.stringify(keys.map((name, index) => [name, dumps[index]?.toString("base64")]));
      },
    },
    async cleanUp() {
      const keys = await keysOf(client, prefix);
      if (keys.length > 0) await client.unlink(...keys);
    },
  };
}
