export { createStorage } from "./create-storage.ts";
export { MemoryStorage, type MemoryStorageOptions } from "./memory-storage.ts";
export { MemoryDatabase, type TaskFilter } from "./memory-database.ts";
export { MemoryEngine } from "./memory-engine.ts";
