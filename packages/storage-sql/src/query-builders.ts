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

/**
 * Writes each parameter as `+?`, which means the same and hides it from SQLite's planner. It would look at the value of a
 * plain one that is a limit, or is compared with a column, and have the statement planned anew when that changes; since
 * better-sqlite3 clears the values after each run, that is every time, and takes longer than a claim does.
 */
class PlannedOnceCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return `+${super.getCurrentParameterPlaceholder()}`;
  }
}

/** Builds SQLite's SQL over the tables. It has no connection: statements run on the store's own. */
export const sqliteQueries: QueryBuilder = builderOf({
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new PlannedOnceCompiler(),
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
