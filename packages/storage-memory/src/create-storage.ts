import type { BaseStorage } from "@omniq/core/storage";
import { MemoryStorage, type MemoryStorageOptions } from "./memory-storage.ts";

/** A store for the URL `memory:`. Each has its own tasks. */
export function createStorage(_url: string | null, options: MemoryStorageOptions = {}): BaseStorage {
  return new MemoryStorage(options);
}
