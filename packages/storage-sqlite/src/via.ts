import type { EnqueueHookParams, InsertAnswer } from "@omniq/core/storage";
import {
  type AnyKysely,
  type QueryAnswer,
  type SqlProgram,
  invalidVia,
  isKysely,
  noTransaction,
  queryKysely,
  runProgramLater,
  storeId,
  wrongDatabase,
} from "@omniq/storage-sql";
import type Database from "better-sqlite3";
import type { CompiledQuery } from "kysely";
import { Connection } from "./connection.ts";
import { enqueue } from "./enqueue-program.ts";
import { sqliteQueries as db } from "./query-builder.ts";

/** The store that the tasks belong to. */
export interface ViaStore {
  readonly id: number;
  readonly path: string;
}

type Answers = InsertAnswer[][];

const BEGIN = "savepoint omniq_via";
const END = "release omniq_via";
/** A call that fails leaves the application's transaction as it was. */
const UNDO = ["rollback to omniq_via", END];

/** A handle of the application's, by what it can do: it may come from another copy of better-sqlite3. */
export function isHandle(via: object): via is Database.Database {
  const { prepare, inTransaction } = via as Partial<Database.Database>;
  return typeof prepare === "function" && typeof inTransaction === "boolean";
}

/**
 * Stores tasks within a transaction of the application's: at once on a handle of better-sqlite3, whose transactions are
 * functions that do not wait, and later in a transaction of Kysely.
 *
 * @throws ValidationError `invalid_via`; StorageError `no_transaction`, `wrong_database`, ...
 */
export function enqueueVia(
  via: object,
  params: EnqueueHookParams,
  now: number,
  store: ViaStore,
): Answers | Promise<Answers> {
  if (isHandle(via)) {
    if (!via.inTransaction) throw noTransaction();
    return onHandle(via, checked(params, now, store), store);
  }
  if (!isKysely(via)) throw invalidVia("a handle of better-sqlite3, or a transaction of Kysely");
  if (!via.isTransaction) throw noTransaction();
  return inKysely(via, checked(params, now, store), store);
}

function* checked(params: EnqueueHookParams, now: number, store: ViaStore): SqlProgram<Answers> {
  if ((yield* storeId(db)) !== store.id) throw wrongDatabase(store.path);
  return yield* enqueue(params, now);
}

function onHandle(handle: Database.Database, program: SqlProgram<Answers>, store: ViaStore): Answers {
  handle.exec(BEGIN);
  try {
    const answers = Connection.over(handle, store.path).run(program);
    handle.exec(END);
    return answers;
  } catch (thrown) {
    // Some failures, a full disk among them, have rolled everything back already.
    if (handle.inTransaction) handle.exec(UNDO.join(";"));
    throw asWrongDatabase(thrown, store);
  }
}

async function inKysely(
  transaction: AnyKysely,
  program: SqlProgram<Answers>,
  store: ViaStore,
): Promise<Answers> {
  const run = ({ sql, parameters }: CompiledQuery): Promise<QueryAnswer> =>
    queryKysely(transaction, sql, parameters);
  await queryKysely(transaction, BEGIN, []);
  try {
    const answers = await runProgramLater(program, run);
    await queryKysely(transaction, END, []);
    return answers;
  } catch (thrown) {
    // Where the whole transaction is gone, there is nothing to undo.
    for (const statement of UNDO) await queryKysely(transaction, statement, []).catch(() => {});
    throw asWrongDatabase(thrown, store);
  }
}

function asWrongDatabase(thrown: unknown, { path }: ViaStore): unknown {
  const isMissing = thrown instanceof Error && /no such table: (?:main\.)?omniq_meta/.test(thrown.message);
  return isMissing ? wrongDatabase(path, thrown) : thrown;
}
