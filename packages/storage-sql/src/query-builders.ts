import {
  type Dialect,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { QueryBuilder, Tables } from "./tables.ts";

/** Builds SQLite's SQL over the tables. It has no connection: statements run on the store's own. */
export const sqliteQueries: QueryBuilder = builderOf({
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

/** Builds Postgres's SQL over the tables. It has no connection: statements run on the store's own. */
export const postgresQueries: QueryBuilder = builderOf({
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
});

function builderOf(dialect: Omit<Dialect, "createDriver">): QueryBuilder {
  return new Kysely<Tables>({ dialect: { ...dialect, createDriver: () => new DummyDriver() } });
}
