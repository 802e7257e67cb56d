import { type Watch, listenForWakes } from "@omniq/core/storage";
import type { Redis } from "ioredis";
import { type RedisClient, isCluster } from "./client.ts";

/** Listens for what is published, on a connection made as the client's are. */
export function listen(
  client: RedisClient,
  channel: string,
  timeoutMs: number,
  onHint: () => void,
): Promise<Watch> {
  let tries = 0;
  const connect = async (ended: AbortController): Promise<() => Promise<unknown>> => {
    const connection = connectionLike(client, tries++, timeoutMs);
    ended.signal.addEventListener("abort", () => connection.disconnect());
    connection.on("error", () => {});
    connection.on("end", () => ended.abort());
    connection.on("message", onHint);
    await connection.connect();
    await connection.subscribe(channel);
    return () => connection.ping();
  };
  return listenForWakes(connect, timeoutMs, onHint);
}

/** Any node of a cluster will do: what is announced on one is heard on all. @throws Error while none is known */
function connectionLike(client: RedisClient, tries: number, timeoutMs: number): Redis {
  const nodes = isCluster(client) ? client.nodes("master") : [client];
  const node = nodes[tries % nodes.length];
  if (!node) throw new Error("No node of the cluster is known");
  const timeouts = { connectTimeout: timeoutMs, commandTimeout: timeoutMs };
  return node.duplicate({ lazyConnect: true, enableOfflineQueue: false, retryStrategy: null, ...timeouts });
}
