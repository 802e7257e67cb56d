import { StorageError, ValidationError } from "@omniq/core";
import { CompiledQuery, type Kysely } from "kysely";
import { type QueryAnswer, type SqlProgram, firstOf } from "./program.ts";
import type { QueryBuilder } from "./tables.ts";

/** A Kysely of the application's, whatever tables it knows, or a transaction of it. */
// oxlint-disable-next-line typescript/no-explicit-any -- ours are not among them
export type AnyKysely = Kysely<any>;

/** By what it can do, since the application may have another copy of Kysely. */
export function isKysely(via: object): via is AnyKysely {
  const { executeQuery, withoutPlugins } = via as Partial<AnyKysely>;
  return typeof executeQuery === "function" && typeof withoutPlugins === "function";
}

/** Runs one query, past whatever the application lets Kysely do to queries and rows. */
export async function queryKysely(
  kysely: AnyKysely,
  sql: string,
  values: readonly unknown[],
): Promise<QueryAnswer> {
  const query = CompiledQuery.raw(sql, [...values]);
  const { rows, numAffectedRows } = await kysely.withoutPlugins().executeQuery(query);
  return { rows, changes: Number(numAffectedRows ?? 0) };
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

export function noTransaction(): StorageError {
  return new StorageError(
    "no_transaction",
    "What was given as `via` is not inside a transaction, or its transaction ended before the task could be stored. Begin " +
      "one, and await the call before the commit. Nothing was stored.",
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
