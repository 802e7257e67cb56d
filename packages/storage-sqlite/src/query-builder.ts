import type { QueryBuilder, SchemaDialect, Tables } from "@omniq/storage-sql";
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";

/** Builds SQLite's SQL. It has no connection: statements run on the store's own. */
export const sqliteQueries: QueryBuilder = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

export const sqliteSchema: SchemaDialect = {
  bigint: "integer",
  serial: "integer",
  numbered: (column) => column.primaryKey().autoIncrement(),
  key: sql`text`,
  keyedTable: "without rowid",
  additions: [["insert into omniq_meta (key, value) values ('token', 0)"]],
};
