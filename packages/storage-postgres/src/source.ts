import {
  type AnyKysely,
  type QueryAnswer,
  invalidVia,
  isKysely,
  noTransaction,
  queryKysely,
} from "@omniq/storage-sql";
import { Client, type ClientBase, type CustomTypesConfig, Pool, type PoolClient, type PoolConfig } from "pg";
import { isRefusal } from "./postgres-failure.ts";
import type { Settings } from "./postgres-options.ts";

/** Runs a statement on one connection. One with a name is parsed and planned once. */
export type Query = (sql: string, values: readonly unknown[], name?: string) => Promise<QueryAnswer>;

/** A connection, for as long as it is lent. */
export interface Loan {
  readonly query: Query;
  /** The server's process that the driver believes to talk to; null where it does not say. */
  readonly processId: number | null;
  /** Ends the connection under what is being done with it, where that can be done. */
  readonly cutOff: () => void;
}

/** Where connections come from. */
export interface Source {
  /** Lends a connection to the work. */
  lend<T>(work: (loan: Loan) => Promise<T>): Promise<T>;
  /** Lets go of what was opened here; what was handed in stays open. */
  close(): Promise<void>;
  /** Which database, for messages. */
  readonly place: string;
  /** What another connection to the same server is made with; null where that is not known. */
  readonly config: PoolConfig | null;
}

type Lent = PoolClient & { readonly processID: number };

/** A failure of a connection that nobody uses at the moment. The next call meets it, or a new connection. */
const ignore = (): void => {};

/** 64-bit numbers as numbers, whatever the application has told pg: ours are below 2^53. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === "t",
  20: Number,
  23: Number,
};
const types: CustomTypesConfig = { getTypeParser: (oid: number) => PARSERS[oid] ?? String };

export function sourceOf(settings: Settings): Source {
  return settings.kysely ? kyselySource(settings.kysely) : poolSource(settings);
}

/** What a Kysely does not say of its connections, and cannot do with them. */
const UNKNOWN = { processId: null, cutOff: ignore };

/** A Kysely that was handed in. */
function kyselySource(kysely: AnyKysely): Source {
  return {
    config: null,
    place: "The database of the Kysely",
    lend: (work) =>
      kysely.connection().execute((one) => work({ ...UNKNOWN, query: queryKysely.bind(null, one) })),
    close: async () => {},
  };
}

/** A pool that was handed in, or one of the store's own. */
function poolSource({ pool: handedIn, config, timeoutMs }: Settings): Source {
  const pool = handedIn ?? ownPool(config, timeoutMs);
  // Without a listener, an idle connection that dies would end the process.
  pool.on("error", ignore);
  const { host, port, database } = new Client(pool.options);
  return {
    config: pool.options,
    place: `Postgres at ${host}:${port}/${database ?? ""}`,
    async lend(work) {
      const client = (await pool.connect()) as Lent;
      const cutOff = (): void => void client.connection.stream.destroy();
      client.on("error", ignore);
      let isWhole = true;
      try {
        return await work({ processId: client.processID, cutOff, query: queryClient.bind(null, client) });
      } catch (thrown) {
        // Anything but a refusal may have cut an answer in two, and may still fail once more.
        isWhole = isRefusal(thrown);
        throw thrown;
      } finally {
        if (isWhole) client.off("error", ignore);
        client.release(!isWhole);
      }
    },
    async close() {
      if (handedIn) pool.off("error", ignore);
      else await pool.end();
    },
  };
}

/**
 * The server gives up on a statement when the caller does. A pooler between the two would hand such a setting on to
 * others' transactions, so it is only made where the server's own process answers.
 */
function ownPool(config: PoolConfig, timeoutMs: number): Pool {
  const sql = "select set_config('statement_timeout', $1, false) where pg_backend_pid() = $2";
  // pg waits for it, whatever its types say.
  const onConnect = (client: ClientBase): void =>
    client.query(sql, [String(timeoutMs), (client as Lent).processID]) as unknown as void;
  return new Pool({ connectionTimeoutMillis: timeoutMs, ...config, onConnect });
}

/**
 * By callback: the promise that pg makes otherwise keeps the rows of every answer from being collected before a full
 * collection, by when the heap has grown tenfold.
 */
function queryClient(client: ClientBase, text: string, values: readonly unknown[], name?: string) {
  return new Promise<QueryAnswer>((resolve, reject) => {
    client.query({ text, values: [...values], types, ...(name && { name }) }, (error, result) => {
      if (error) reject(error);
      else resolve({ rows: result.rows ?? [], changes: result.rowCount ?? 0 });
    });
  });
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
