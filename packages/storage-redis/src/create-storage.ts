import type { BaseStorage } from "@omniq/core/storage";
import type { RedisStorageOptions } from "./redis-options.ts";
import { RedisStorage } from "./redis-storage.ts";

/**
 * A store for a URL: `redis://localhost:6379`, `rediss://user:password@host:6380/2`; null for the default place.
 *
 * @throws ValidationError `invalid_url`
 */
export function createStorage(url: string | null, options: RedisStorageOptions = {}): BaseStorage {
  return new RedisStorage(url === null ? options : { ...options, url });
}
