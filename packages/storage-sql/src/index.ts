/** What the SQL stores of OmniQ share. For authors of SQL adapters; applications have no use for it. */
export { type TaskRow, storedTask, tokenNumber, tokenText, TASK_COLUMNS } from "./columns.ts";
export {
  type Instant,
  type QueryAnswer,
  type SqlProgram,
  type SqlQuery,
  runProgram,
  runProgramLater,
} from "./program.ts";
export { appendEvents, purgeEvents, queryEvents } from "./programs/events.ts";
export { deleteResult, getResult, purgeResults, putResult } from "./programs/results.ts";
export {
  countTasks,
  getTask,
  importTasks,
  listQueues,
  listTasks,
  purgeTasks,
  setQueuePaused,
} from "./programs/tasks.ts";
export { postgresQueries, sqliteQueries } from "./query-builders.ts";
export { SCHEMA_VERSION, type SchemaDialect, currentStore, dropTables, migrate } from "./schema.ts";
export { SqlStorage } from "./sql-storage.ts";
export { Statement, param } from "./statement.ts";
export * as statements from "./statements.ts";
export type { QueryBuilder, Tables } from "./tables.ts";
export {
  type AnyKysely,
  type ViaStore,
  invalidVia,
  isKysely,
  joinVia,
  noTransaction,
  queryKysely,
  storeId,
  wrongDatabase,
} from "./via.ts";
