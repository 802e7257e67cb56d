import { readFileSync } from "node:fs";
import type { Query } from "@omniq/connection-postgres";
import { StorageError } from "@omniq/core";
import {
  type QueryBuilder,
  type SchemaDialect,
  dropTables,
  migrate,
  runProgramLater,
} from "@omniq/storage-sql";
import { sql } from "kysely";
import type { Settings } from "./postgres-options.ts";

/** What stands beside the tables, in this order. Each file says what it is for. */
const FUNCTIONS =
  "types token insert-tasks enqueue insert-alike claim write write-alike renew next-due storage".split(" ");

/**
 * How the functions are planned. A plan is made once a connection, perhaps when the tables are still empty, and kept:
 * it has to go by the indexes even then, and must not be thrown over by what the planner guesses of arrays.
 */
const PLANS = [
  "set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off",
  "set enable_hashjoin = off set enable_mergejoin = off set jit = off",
].join(" ");

/**
 * Makes the schema with its tables and functions, or brings it to the present version: one process at a time, and
 * whoever comes later finds it done. Answers the number that its tables are known by.
 */
export async function prepareSchema(
  query: Query,
  db: QueryBuilder,
  { schema, testClock }: Settings,
  server: string,
): Promise<number> {
  await query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`omniq ${schema}`]);
  const { rows: present } = await query("select from pg_namespace where nspname = $1", [schema]);
  const isNew = present.length === 0;
  if (isNew) await query(`create schema "${schema}"`, []);
  const place = `The schema ${schema} of ${server}`;
  const dialect: SchemaDialect = {
    bigint: "bigint",
    serial: "bigserial",
    numbered: (column) => column.primaryKey(),
    key: sql`text collate "C"`,
    keyedTable: "",
    additions: [[testClock ? "test-clock" : "clock", ...FUNCTIONS].map((file) => sqlFile(file, schema))],
  };
  await runProgramLater(query, migrate(db, dialect, await relationsIn(query, schema), place));
  if (isNew) await query(`insert into "${schema}".omniq_meta values ('schema_created', 1)`, []);
  const meta = await metaOf(query, schema);
  if (meta.has("test_now") !== testClock) {
    const clock = testClock ? "the server's own clock" : "a clock of tests";
    throw new StorageError("test_clock", `${place} was made with ${clock}. Name another schema.`);
  }
  return meta.get("store_id") as number;
}

/** Removes all that {@link prepareSchema} has made. */
export async function removeSchema(query: Query, db: QueryBuilder, schema: string): Promise<void> {
  const wasMade = (await metaOf(query, schema)).has("schema_created");
  await query(sqlFile("remove", schema), []);
  await runProgramLater(query, dropTables(db));
  if (wasMade && (await relationsIn(query, schema)).length === 0) await query(`drop schema "${schema}"`, []);
}

async function relationsIn(query: Query, schema: string): Promise<readonly string[]> {
  const text = "select relname from pg_class where relnamespace = to_regnamespace($1)";
  const { rows } = await query(text, [`"${schema}"`]);
  return (rows as { readonly relname: string }[]).map(({ relname }) => relname);
}

async function metaOf(query: Query, schema: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await query(`select key, value from "${schema}".omniq_meta`, []);
  return new Map((rows as { key: string; value: unknown }[]).map(({ key, value }) => [key, Number(value)]));
}

/** The text of a file of `sql/`, for this schema. */
export function sqlFile(name: string, schema: string): string {
  const text = readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), "utf8");
  return text.replaceAll("{schema}", `"${schema}"`).replaceAll("{plans}", PLANS);
}
