export { createStorage } from "./create-storage.ts";
export { SQLiteStorage, type SQLiteStorageOptions } from "./sqlite-storage.ts";
