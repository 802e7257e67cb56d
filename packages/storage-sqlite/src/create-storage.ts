import { ValidationError } from "@omniq/core";
import type { BaseStorage } from "@omniq/core/storage";
import { SQLiteStorage, type SQLiteStorageOptions } from "./sqlite-storage.ts";

/**
 * A store for a URL: `sqlite:./jobs.db`, `sqlite:///var/lib/jobs.db`, `sqlite::memory:`; null for the default place.
 *
 * @throws ValidationError `invalid_url`
 */
export function createStorage(url: string | null, options: SQLiteStorageOptions = {}): BaseStorage {
  if (url === null) return new SQLiteStorage(options);
  const path = /^sqlite:(?:\/\/(?=\/))?([^?#]+)$/i.exec(url)?.[1];
  if (path === undefined || path.startsWith("//")) {
    throw new ValidationError(
      "invalid_url",
      `${url} names no file. Write sqlite:./jobs.db or sqlite:///var/lib/jobs.db.`,
      {
        field: "url",
      },
    );
  }
  return new SQLiteStorage({ ...options, path });
}
