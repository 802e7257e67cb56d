import { type Watch, listenForWakes } from "@omniq/core/storage";
import { Client, escapeIdentifier, type PoolConfig } from "pg";

/** Listens for what NOTIFY tells, on a connection made as the others are. */
export function listen(
  config: PoolConfig,
  channel: string,
  timeoutMs: number,
  onHint: () => void,
): Promise<Watch> {
  const heartbeatMs = timeoutMs / 2;
  const limits = { connectionTimeoutMillis: heartbeatMs, query_timeout: heartbeatMs };
  const connect = async (ended: AbortController): Promise<() => Promise<unknown>> => {
    const client = new Client({ ...config, ...limits });
    // Not by a goodbye, which nobody may be there to answer.
    ended.signal.addEventListener("abort", () => client.connection.stream.destroy());
    client.on("error", () => ended.abort());
    client.on("end", () => ended.abort());
    client.on("notification", onHint);
    await client.connect();
    await client.query(`listen ${escapeIdentifier(channel)}`);
    return () => client.query("select 1");
  };
  return listenForWakes(connect, heartbeatMs, onHint);
}
