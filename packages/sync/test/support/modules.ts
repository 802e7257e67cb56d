import { createRequire } from "node:module";

/** The adapter of SQLite, as a module. */
export const SQLITE = createRequire(import.meta.url).resolve("@omniq/storage-sqlite");
export const MEMORY = createRequire(import.meta.url).resolve("@omniq/storage-memory");
export const TASKS = new URL("../fixtures/tasks.ts", import.meta.url);
