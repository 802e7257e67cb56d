export { createStorage } from "./create-storage.ts";
export { type RedisStorageOptions } from "./redis-options.ts";
export { RedisStorage } from "./redis-storage.ts";
