import { StorageError, ValidationError } from "@omniq/core";
import { CompiledQuery, type Kysely } from "kysely";
import { type QueryAnswer, type QueryLater, type SqlProgram, firstOf, runProgramLater } from "./program.ts";
import type { QueryBuilder } from "./tables.ts";

/** A Kysely of the application's, whatever tables it knows, or a transaction of it. */
// oxlint-disable-next-line typescript/no-explicit-any -- ours are not among them
export type AnyKysely = Kysely<any>;

/** By what it can do, since the application may have another copy of Kysely. */
export function isKysely(via: object): via is AnyKysely {
  const { executeQuery, withoutPlugins } = via as Partial<AnyKysely>;
  return typeof executeQuery === "function" && typeof withoutPlugins === "function";
}

/** The fields of rows that hold 64-bit numbers. */
const NUMBERS = (
  "sequence seq eta timeout createdAt updatedAt lastAttemptAt finishedAt leaseUntil timestamp startedAt expiresAt " +
  "lease_until now until at"
).split(" ");

/**
 * Runs one query, past whatever the application lets Kysely do to queries and rows, and whatever it has told its driver
 * about 64-bit numbers: ours are below 2^53.
 */
export async function queryKysely(
  kysely: AnyKysely,
  sql: string,
  values: readonly unknown[],
): Promise<QueryAnswer> {
  const query = CompiledQuery.raw(sql, [...values]);
  const { rows, numAffectedRows } = await kysely
    .withoutPlugins()
    .executeQuery<Record<string, unknown>>(query);
  return { rows: rows.map(withNumbers), changes: Number(numAffectedRows ?? 0) };
}

function withNumbers(row: Record<string, unknown>): unknown {
  const others = NUMBERS.filter((field) => typeof row[field] === "string" || typeof row[field] === "bigint");
  return { ...row, ...Object.fromEntries(others.map((field) => [field, Number(row[field])])) };
}

/** The number by which a store's tables are known, wherever they are reached from. Null where it has none. */
export function* storeId(db: QueryBuilder): SqlProgram<number | null> {
  const query = db.selectFrom("omniq_meta").select("value").where("key", "=", "store_id");
  const row = yield* firstOf(query);
  return row && Number(row.value);
}

/** Why `via` cannot be joined. */
export function invalidVia(accepted: string): ValidationError {
  return new ValidationError("invalid_via", `via must be ${accepted}.`, { field: "via" });
}

/** @param hint what else may help, in whole sentences. */
export function noTransaction(hint = ""): StorageError {
  return new StorageError(
    "no_transaction",
    "What was given as `via` is not inside a transaction, or its transaction ended before the task could be stored. Begin " +
      `one, and await the call before the commit. ${hint}Nothing was stored.`,
  );
}

export function wrongDatabase(place: string, cause?: unknown): StorageError {
  return new StorageError(
    "wrong_database",
    `The transaction given as \`via\` does not reach the tables of this store, which are in ${place}. Nothing was stored. ` +
      "Use a connection to the same database.",
    { cause },
  );
}

/** Where the tables are that the tasks belong to. */
export interface ViaStore {
  /** The number that they are known by. */
  readonly id: number;
  /** For messages. */
  readonly place: string;
}

/**
 * Runs work within a transaction of the application's: all that it writes, or the transaction is as it was.
 *
 * @throws StorageError `wrong_database`
 */
export async function joinVia<T>(
  query: QueryLater,
  db: QueryBuilder,
  store: ViaStore,
  work: () => Promise<T>,
): Promise<T> {
  await query("savepoint omniq_via", []);
  try {
    const id = await runProgramLater(query, storeId(db));
    if (id !== store.id) throw wrongDatabase(store.place);
    const result = await work();
    await query("release savepoint omniq_via", []);
    return result;
  } catch (thrown) {
    // Where this fails too, the transaction is lost anyhow.
    for (const undo of ["rollback to savepoint omniq_via", "release savepoint omniq_via"])
      await query(undo, []).catch(() => {});
    throw thrown;
  }
}
