import { randomUUID } from "node:crypto";
import { RedisStorage, type RedisStorageOptions } from "@omniq/storage-redis";
import { afterEach } from "vitest";
import { clientOf, keysOf, sharedServer } from "./server.ts";

/** A prefix of its own for each test, on the shared server; what it opened is closed and removed afterwards. */
export function usePlace(): {
  store(options?: RedisStorageOptions): Promise<RedisStorage>;
  readonly prefix: string;
} {
  const closers: (() => Promise<void>)[] = [];
  let prefix = `test-${randomUUID()}`;
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    const client = clientOf(await sharedServer());
    const keys = await keysOf(client, prefix);
    if (keys.length > 0) await client.unlink(...keys);
    prefix = `test-${randomUUID()}`;
  });
  return {
    async store(options = {}) {
      const where = options.client || options.url ? {} : { url: await sharedServer() };
      const store = new RedisStorage({ ...where, prefix, timeout: "5s", ...options });
      closers.push(() => store.close());
      return store;
    },
    get prefix() {
      return prefix;
    },
  };
}
