import { startRedis, startRedisCluster } from "@omniq/services";
import { Cluster, Redis } from "ioredis";

/** Where tests find servers, so that one start serves a whole process: by what is asked of them. */
const servers = new Map<string, Promise<string>>();

function once(name: string, start: () => Promise<string>): Promise<string> {
  let url = servers.get(name);
  if (!url) servers.set(name, (url = start()));
  return url;
}

/** The server that tests share: the one in the environment, else one of this process's own. */
export function sharedServer(): Promise<string> {
  const named = process.env["OMNIQ_TEST_REDIS_URL"];
  return once("shared", async () => named ?? (await startRedis()).url);
}

/** One that has synced its log before it answers. */
export function sharedDurableServer(): Promise<string> {
  return once("durable", async () => (await startRedis({ appendfsync: "always" })).url);
}

export function sharedCluster(): Promise<string> {
  return once("cluster", async () => (await startRedisCluster()).url);
}

const clients = new Map<string, Redis | Cluster>();

/** A client beside the store, to look at what it keeps and to tell the time; one for each server. */
export function clientOf(url: string, cluster = false): Redis | Cluster {
  let client = clients.get(url);
  if (!client) {
    client = cluster ? new Cluster([url]) : new Redis(url, { maxRetriesPerRequest: null });
    client.on("error", () => {});
    clients.set(url, client);
  }
  return client;
}

/** Lets the client of a server go, so that it keeps no process. */
export function forget(url: string): void {
  clients.get(url)?.disconnect();
  clients.delete(url);
}

/** The keys of a prefix, sorted. */
export async function keysOf(client: Redis | Cluster, prefix: string): Promise<string[]> {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  const found = await Promise.all(nodes.map((node) => node.keys(`{${prefix}}:*`)));
  return found.flat().toSorted();
}
