import { ValidationError } from "@omniq/core";
import type { BaseStorage } from "@omniq/core/storage";
import { PostgresStorage, type PostgresStorageOptions } from "./postgres-storage.ts";

/**
 * A store for a URL: `postgres://user@host:5432/database`; null for the server that the environment names (`PGHOST`, ...).
 *
 * @throws ValidationError `invalid_url`
 */
export function createStorage(url: string | null, options: PostgresStorageOptions = {}): BaseStorage {
  if (url === null) return new PostgresStorage(options);
  if (!/^postgres(?:ql)?:\/\/./i.test(url)) {
    // Not quoted: it may carry a password.
    const message = "The URL names no Postgres database. Write postgres://user@host:5432/database.";
    throw new ValidationError("invalid_url", message, { field: "url" });
  }
  return new PostgresStorage({ ...options, url });
}
