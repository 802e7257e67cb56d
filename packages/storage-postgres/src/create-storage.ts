import type { BaseStorage } from "@omniq/core/storage";
import type { PostgresStorageOptions } from "./postgres-options.ts";
import { PostgresStorage } from "./postgres-storage.ts";

/**
 * A store for a URL: `postgres://user@host:5432/database`; null for the server that the environment names (`PGHOST`, ...).
 *
 * @throws ValidationError `invalid_url`
 */
export function createStorage(url: string | null, options: PostgresStorageOptions = {}): BaseStorage {
  return new PostgresStorage(url === null ? options : { ...options, url });
}
