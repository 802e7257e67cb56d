export { createStorage } from "./create-storage.ts";
export { MemoryStorage, type MemoryStorageOptions } from "./memory-storage.ts";
export { MemoryDatabase, type TaskFilter } from "./memory-database.ts";
export { MemoryEngine } from "./memory-engine.ts";
export { grown } from "./grown.ts";
export { instantOf, type Kind, type RowTable } from "./row-table.ts";
export type { ResultTable, ResultsOfTask } from "./result-table.ts";
