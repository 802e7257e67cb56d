import {
  type Query,
  type Source,
  poolSource,
  queryClient,
  toPostgresError,
} from "@omniq/connection-postgres";
import { driverCodeOf } from "@omniq/core/storage";
import {
  type AnyKysely,
  invalidVia,
  isKysely,
  noTransaction,
  queryKysely,
  wrongDatabase,
} from "@omniq/storage-sql";
import type { ClientBase, Pool } from "pg";
import type { Settings } from "./postgres-options.ts";

/** Where the store's connections come from. */
export function sourceOf(settings: Settings): Source {
  const { kysely, pool, config } = settings;
  return kysely ? kyselySource(kysely) : poolSource(pool, config, settings);
}

/** What a Kysely does not say of its connections, and cannot do with them. */
const UNKNOWN = { processId: null, cutOff: (): void => {} };

/** A Kysely that was handed in. */
function kyselySource(kysely: AnyKysely): Source {
  return {
    config: null,
    setsUp: false,
    place: "The database of the Kysely",
    lend: (work) =>
      kysely.connection().execute((one) => work({ ...UNKNOWN, query: queryKysely.bind(null, one) })),
    close: async () => {},
  };
}

/** Of a transaction of the application's. @throws ValidationError, StorageError */
export function viaQuery(via: object): Query {
  if (isKysely(via)) {
    if (via.isTransaction) return queryKysely.bind(null, via);
  } else if (!isClient(via)) {
    throw invalidVia("a client of pg inside a transaction, or a transaction of Kysely; a pool has none");
  } else if (via.getTransactionStatus?.() !== "I") {
    return queryClient.bind(null, via);
  }
  throw noTransaction();
}

/** By what it can do: the application may have another copy of pg, and an older one, that knows no state. */
function isClient(via: object): via is ClientBase & { getTransactionStatus?(): string | null } {
  const { query, totalCount } = via as Partial<Pool>;
  return typeof query === "function" && totalCount === undefined;
}

/** What came of joining a transaction of the application's. */
export function toViaError(thrown: unknown, place: string): unknown {
  const code = driverCodeOf(thrown);
  if (code === "25P01") return noTransaction();
  return code === "42P01" || code === "3F000" ? wrongDatabase(place, thrown) : toPostgresError(thrown, place);
}
