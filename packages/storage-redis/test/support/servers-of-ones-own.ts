import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type RedisServer, startRedis } from "@omniq/services";
import { Redis } from "ioredis";
import { afterEach } from "vitest";

/** Servers that a test may treat badly, and clients to them; all are gone once it has ended. */
export function useServers(): {
  readonly start: (options?: Parameters<typeof startRedis>[0]) => Promise<RedisServer>;
  readonly clientTo: (server: RedisServer) => Redis;
  /** Has something else ended with the test. */
  readonly atEnd: (stop: () => Promise<unknown>) => void;
} {
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });
  return {
    async start(options = {}) {
      const server = await startRedis(options);
      stops.push(() => server.stop());
      return server;
    },
    clientTo(server) {
      const client = new Redis(server.url);
      stops.push(async () => client.disconnect());
      return client;
    },
    atEnd: (stop) => void stops.push(stop),
  };
}

/** A typed error, with nothing in it that must reach no log. */
export async function refused(
  call: Promise<unknown>,
  code: string,
  retryable: boolean,
  outcome = "not-applied",
): Promise<void> {
  await assert.rejects(call, (error: Error & { code: string; retryable: boolean; outcome: string }) => {
    assert.equal(error.name, "StorageError", inspect(error));
    assert.deepEqual(
      [error.code, error.retryable, error.outcome],
      [code, retryable, outcome],
      inspect(error),
    );
    assert.ok(!inspect(error, { depth: 10 }).includes("s3cret"), inspect(error, { depth: 10 }));
    return true;
  });
}
