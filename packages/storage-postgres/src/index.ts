export { createStorage } from "./create-storage.ts";
export { type PostgresStorageOptions } from "./postgres-options.ts";
export { PostgresStorage } from "./postgres-storage.ts";
