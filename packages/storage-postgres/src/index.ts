export { createStorage } from "./create-storage.ts";
export { PostgresStorage, type PostgresStorageOptions } from "./postgres-storage.ts";
