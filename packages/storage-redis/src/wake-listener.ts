import { sleep, systemClock } from "@omniq/core";
import type { Watch } from "@omniq/core/storage";
import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "./redis-options.ts";

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;

/**
 * Hears what other processes announce, over a connection of its own. A message that is missed costs no more than a
 * poll; what must not happen is that a connection which died in silence is listened to for ever. So it is asked for a
 * sign of life, and replaced where it gives none in time. Each new connection counts as an announcement: there may have
 * been some in between.
 *
 * Resolves once it listens, or once the first try has failed; further ones follow by themselves.
 */
export async function listenForWakes(
  client: RedisClient,
  channel: string,
  patienceMs: number,
  onHint: () => void,
): Promise<Watch> {
  const { promise: tried, resolve: onTried } = Promise.withResolvers<void>();
  const closing = new AbortController();
  let pauseMs = FIRST_PAUSE_MS;
  /** Listens on one connection, until it gives no sign of life. */
  const listen = async (connection: Redis): Promise<void> => {
    const ended = new AbortController();
    const close = (): void => connection.disconnect();
    closing.signal.addEventListener("abort", close);
    connection.on("error", () => {});
    connection.on("message", onHint);
    connection.once("end", () => ended.abort());
    try {
      await connection.connect();
      await connection.subscribe(channel);
      pauseMs = FIRST_PAUSE_MS;
      onTried();
      onHint();
      for (;;) {
        await sleep(systemClock, patienceMs, ended.signal);
        await connection.ping();
      }
    } catch {
      close();
      closing.signal.removeEventListener("abort", close);
    }
  };
  const goOn = async (): Promise<void> => {
    for (let tries = 0; !closing.signal.aborted; tries++) {
      const connection = connectionLike(client, tries, patienceMs);
      if (connection) await listen(connection);
      onTried();
      await sleep(systemClock, pauseMs, closing.signal);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  };
  void goOn();
  await tried;
  return { close: async () => closing.abort() };
}

/** Any node of a cluster will do: what is announced on one is heard on all. Undefined while none is known. */
function connectionLike(client: RedisClient, tries: number, patienceMs: number): Redis | undefined {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  return nodes[tries % Math.max(nodes.length, 1)]?.duplicate({
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: null,
    connectTimeout: patienceMs,
    commandTimeout: patienceMs,
  });
}
