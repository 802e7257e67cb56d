import { ValidationError } from "@omniq/core";
import type { BaseStorage } from "@omniq/core/storage";
import { FileStorage } from "./file-storage.ts";
import type { FileStorageOptions } from "./file-storage-options.ts";

/**
 * A store for a URL: `file:./jobs`, `file:///var/lib/jobs`; null for the default place.
 *
 * @throws ValidationError `invalid_url`
 */
export function createStorage(url: string | null, options: FileStorageOptions = {}): BaseStorage {
  if (url === null) return new FileStorage(options);
  const folder = /^file:(?:\/\/(?=\/))?([^?#]+)$/i.exec(url)?.[1];
  if (folder === undefined || folder.startsWith("//")) {
    throw new ValidationError(
      "invalid_url",
      `${url} names no folder. Write file:./jobs or file:///var/lib/jobs.`,
      { field: "url" },
    );
  }
  return new FileStorage({ ...options, folder });
}
