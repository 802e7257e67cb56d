/** What `@omniq/storage-postgres` reaches its server by. It knows no tasks; applications have no use for it. */
export { Database, type DatabaseOptions, type ServerFacts } from "./database.ts";
export { listen } from "./listener.ts";
export { isRefusalToNotify, timedOut, toPostgresError } from "./postgres-failure.ts";
export {
  type Answer,
  type Loan,
  type Query,
  type SessionOptions,
  type Source,
  poolSource,
  queryClient,
} from "./source.ts";
