import type { EnqueueHookParams, InsertAnswer } from "@omniq/core/storage";
import {
  type ViaStore,
  invalidVia,
  isKysely,
  joinVia,
  noTransaction,
  queryKysely,
  runProgramLater,
  sqliteQueries as db,
  storeId,
  wrongDatabase,
} from "@omniq/storage-sql";
import type Database from "better-sqlite3";
import { Connection } from "./connection.ts";
import { enqueue } from "./enqueue-program.ts";

type Answers = InsertAnswer[][];

/** A handle of the application's, by what it can do: it may come from another copy of better-sqlite3. */
export function isHandle(via: object): via is Database.Database {
  const { prepare, inTransaction } = via as Partial<Database.Database>;
  return typeof prepare === "function" && typeof inTransaction === "boolean";
}

const FOR_FUNCTIONS =
  "A transaction that is a function cannot wait: open the store before it begins, with `await storage.open()`, and give the " +
  "task no schema that answers later. ";

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
    if (!via.inTransaction) throw noTransaction(FOR_FUNCTIONS);
    return onHandle(via, params, now, store);
  }
  if (!isKysely(via)) throw invalidVia("a handle of better-sqlite3, or a transaction of Kysely");
  if (!via.isTransaction) throw noTransaction();
  const query = queryKysely.bind(null, via);
  return joinVia(query, db, store, () => runProgramLater(query, enqueue(params, now))).catch(
    (thrown: unknown) => {
      throw asWrongDatabase(thrown, store);
    },
  );
}

function onHandle(
  handle: Database.Database,
  params: EnqueueHookParams,
  now: number,
  store: ViaStore,
): Answers {
  handle.exec("savepoint omniq_via");
  try {
    const connection = Connection.over(handle, store.place);
    if (connection.run(storeId(db)) !== store.id) throw wrongDatabase(store.place);
    const answers = connection.run(enqueue(params, now));
    handle.exec("release omniq_via");
    return answers;
  } catch (thrown) {
    // A call that fails leaves the transaction as it was. Some failures, a full disk among them, have ended it already.
    if (handle.inTransaction) handle.exec("rollback to omniq_via; release omniq_via");
    throw asWrongDatabase(thrown, store);
  }
}

function asWrongDatabase(thrown: unknown, { place }: ViaStore): unknown {
  const isMissing = thrown instanceof Error && /no such table: (?:main\.)?omniq_meta/.test(thrown.message);
  return isMissing ? wrongDatabase(place, thrown) : thrown;
}
