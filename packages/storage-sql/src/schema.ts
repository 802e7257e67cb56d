import { StorageError, systemRandom } from "@omniq/core";
import { type ColumnDefinitionBuilder, type Compilable, CompiledQuery, type RawBuilder, sql } from "kysely";
import { type SqlProgram, changesOf, firstOf } from "./program.ts";
import type { QueryBuilder } from "./tables.ts";
import { storeId } from "./via.ts";

/** The version of the tables that this code reads and writes. Raised by every migration. */
export const SCHEMA_VERSION = 1;

const MAX_STORE_ID = 2 ** 53;

/** Where the dialects differ in creating tables. */
export interface SchemaDialect {
  /** The type of instants and counters: 64 bits. */
  readonly bigint: "integer" | "bigint";
  /** Makes a column number its rows, never using a number twice. */
  readonly numbered: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** The type of a numbered column. */
  readonly serial: "integer" | "bigserial";
  /** The type of ids and names: text that is compared byte by byte, whatever the database's language. */
  readonly key: RawBuilder<unknown>;
  /** What follows the definition of a table that is looked up by its primary key alone. */
  readonly keyedTable: string;
  /** What each migration of the dialect's own adds to the shared one of that place: functions, counters, settings. */
  readonly additions: readonly (readonly string[])[];
}

/** The statements that lead from each version to the next; the first creates the tables. */
const MIGRATIONS: readonly ((db: QueryBuilder, dialect: SchemaDialect) => readonly Compilable[])[] = [
  createTables,
];

/**
 * Brings the tables to the present version. To be run in one transaction that excludes other writers, so that
 * several processes may start at once, and a crash leaves the version before.
 *
 * @param present the names of the tables that exist.
 * @throws StorageError `schema_too_new`, `foreign_table`
 */
export function* migrate(
  db: QueryBuilder,
  dialect: SchemaDialect,
  present: readonly string[],
  place: string,
): SqlProgram<void> {
  const version = present.includes("omniq_meta") ? yield* schemaVersion(db) : 0;
  if (version > SCHEMA_VERSION) {
    throw new StorageError(
      "schema_too_new",
      `${place} has schema version ${version}, and this release of OmniQ knows versions up to ${SCHEMA_VERSION}. ` +
        "Nothing was changed. Upgrade the @omniq packages to the release that wrote it, or a later one.",
    );
  }
  if (version === 0) refuseForeignTables(present, place);
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    for (const statement of migration(db, dialect)) yield statement.compile();
    for (const addition of dialect.additions[index] ?? []) yield CompiledQuery.raw(addition);
  }
  if (version < SCHEMA_VERSION) yield* setMeta(db, "schema_version", SCHEMA_VERSION);
  if ((yield* storeId(db)) === null)
    yield* setMeta(db, "store_id", Math.floor(systemRandom() * MAX_STORE_ID));
}

/** The number that the store's tables are known by, where they are as this code needs them; else null. */
export function* currentStore(db: QueryBuilder, present: readonly string[]): SqlProgram<number | null> {
  if (!present.includes("omniq_meta") || (yield* schemaVersion(db)) !== SCHEMA_VERSION) return null;
  return yield* storeId(db);
}

/** Removes the tables, the version last. */
export function* dropTables(db: QueryBuilder): SqlProgram<void> {
  for (const table of ["tasks", "results", "events", "queues", "omniq_meta"] as const) {
    yield db.schema.dropTable(table).ifExists().compile();
  }
}

function* schemaVersion(db: QueryBuilder): SqlProgram<number> {
  const row = yield* firstOf(db.selectFrom("omniq_meta").select("value").where("key", "=", "schema_version"));
  return Number(row?.value ?? 0);
}

function* setMeta(db: QueryBuilder, key: string, value: number): SqlProgram<void> {
  const insert = db.insertInto("omniq_meta").values({ key, value });
  yield* changesOf(insert.onConflict((conflict) => conflict.column("key").doUpdateSet({ value })));
}

function refuseForeignTables(present: readonly string[], place: string): void {
  const foreign = ["tasks", "results", "events", "queues"].filter((table) => present.includes(table));
  if (foreign.length === 0) return;
  throw new StorageError(
    "foreign_table",
    `${place} has a table named ${foreign.join(" and ")} that OmniQ did not create. Nothing was changed. ` +
      "Give OmniQ a database of its own.",
  );
}

function createTables(db: QueryBuilder, dialect: SchemaDialect): readonly Compilable[] {
  const { bigint, serial, numbered, key } = dialect;
  const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
  const counter = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().defaultTo(0);
  const { schema } = db;
  return [
    schema
      .createTable("tasks")
      .addColumn("seq", serial, (column) => column.primaryKey())
      .addColumn("id", key, (column) => column.notNull().unique())
      .addColumn("name", "text", required)
      .addColumn("queue", key, required)
      .addColumn("priority", "integer", required)
      .addColumn("payload", "text", required)
      .addColumn("format", "text", required)
      .addColumn("status", key, required)
      .addColumn("schedule", "text")
      .addColumn("schedule_version", "integer", required)
      .addColumn("eta", bigint, required)
      .addColumn("max_retries", "integer", required)
      .addColumn("timeout", bigint)
      .addColumn("policies", "text")
      .addColumn("headers", "text")
      .addColumn("concurrency_key", "text")
      .addColumn("dedupe_key", key)
      .addColumn("content_digest", "text", required)
      .addColumn("run", "integer", (column) => column.notNull().defaultTo(1))
      .addColumn("attempts", "integer", counter)
      .addColumn("failures", "integer", counter)
      .addColumn("recoveries", "integer", counter)
      .addColumn("error", "text")
      .addColumn("holds", "text")
      .addColumn("progress", "text")
      .addColumn("created_at", bigint, required)
      .addColumn("updated_at", bigint, required)
      .addColumn("last_attempt_at", bigint)
      .addColumn("finished_at", bigint)
      .addColumn("worker_id", "text")
      .addColumn("lease_until", bigint)
      .addColumn("revision", "integer", (column) => column.notNull().defaultTo(1))
      .addColumn("token", bigint)
      .addColumn("settled_token", bigint)
      .addColumn("settled_digest", "text"),
    // Partial indexes: a claim looks at waiting tasks alone, however many have ended.
    schema
      .createIndex("tasks_due")
      .on("tasks")
      .columns(["queue", "priority", "eta", "seq"])
      .where(sql.ref("status"), "=", sql.lit("PENDING"))
      .where(sql.ref("holds"), "is", sql.lit(null)),
    schema
      .createIndex("tasks_leased")
      .on("tasks")
      .columns(["queue", "lease_until"])
      .where(sql.ref("status"), "=", sql.lit("RUNNING")),
    schema
      .createIndex("tasks_finished")
      .on("tasks")
      .columns(["status", "queue", "finished_at"])
      .where(sql.ref("finished_at"), "is not", sql.lit(null)),
    schema
      .createIndex("tasks_held")
      .on("tasks")
      .columns(["queue", "status"])
      .where(sql.ref("holds"), "is not", sql.lit(null)),
    schema
      .createIndex("tasks_deduped")
      .on("tasks")
      .column("dedupe_key")
      .where(sql.ref("dedupe_key"), "is not", sql.lit(null)),
    schema
      .createTable("results")
      .addColumn("task_id", key, required)
      .addColumn("run", "integer", required)
      .addColumn("status", key, required)
      .addColumn("value", "text")
      .addColumn("format", "text", required)
      .addColumn("error", "text")
      .addColumn("attempts", "integer", required)
      .addColumn("started_at", bigint)
      .addColumn("finished_at", bigint, required)
      .addColumn("expires_at", bigint)
      .addColumn("pending_token", "text")
      .addPrimaryKeyConstraint("results_pkey", ["task_id", "run"])
      .modifyEnd(sql.raw(dialect.keyedTable)),
    schema
      .createIndex("results_expiring")
      .on("results")
      .column("expires_at")
      .where(sql.ref("expires_at"), "is not", sql.lit(null)),
    schema
      .createTable("events")
      .addColumn("seq", serial, numbered)
      .addColumn("task_id", key, required)
      .addColumn("type", key, required)
      .addColumn("timestamp", bigint, required)
      .addColumn("run", "integer", required)
      .addColumn("attempt", "integer", required)
      .addColumn("worker_id", key)
      .addColumn("data", "text"),
    schema.createIndex("events_by_task").on("events").columns(["task_id", "timestamp"]),
    schema.createIndex("events_by_type").on("events").columns(["type", "timestamp"]),
    schema.createIndex("events_by_worker").on("events").columns(["worker_id", "timestamp"]),
    schema.createIndex("events_by_time").on("events").column("timestamp"),
    schema
      .createTable("queues")
      .addColumn("name", key, (column) => column.primaryKey())
      .addColumn("paused", "integer", counter)
      .modifyEnd(sql.raw(dialect.keyedTable)),
    schema
      .createTable("omniq_meta")
      .addColumn("key", "text", (column) => column.primaryKey())
      .addColumn("value", bigint, required)
      .modifyEnd(sql.raw(dialect.keyedTable)),
  ];
}
