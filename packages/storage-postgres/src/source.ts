import {
  type AnyKysely,
  type QueryAnswer,
  invalidVia,
  isKysely,
  noTransaction,
  queryKysely,
} from "@omniq/storage-sql";
import { Client, type ClientBase, type CustomTypesConfig, Pool, type PoolClient, type PoolConfig } from "pg";

/** A connection, for as long as it is lent. */
export interface Loan {
  /** The server's process that the driver believes to talk to; null where it does not say. */
  readonly processId: number | null;
  /** A statement with a name is parsed and planned once a connection. */
  query(sql: string, values: readonly unknown[], name?: string): Promise<QueryAnswer>;
  /** Gives it back; one that is broken is not used again. Idempotent. */
  release(broken: boolean): void;
}

/** Where connections come from. */
export interface Source {
  lend(): Promise<Loan>;
  /** Lets go of what was opened here; what was handed in stays open. */
  close(): Promise<void>;
  /** Host, port and database, for messages. */
  readonly place: string;
  /** What another connection to the same server is made with; null where that is not known. */
  readonly config: PoolConfig | null;
}

/** A failure of a connection that nobody uses at the moment. The next call meets it, or a new connection. */
const ignore = (): void => {};

/** 64-bit numbers as numbers, whatever the application has told pg: ours are below 2^53. */
const types: CustomTypesConfig = {
  getTypeParser: (oid: number) => {
    if (oid === 20 || oid === 23) return Number;
    return oid === 16 ? (text: string) => text === "t" : (text: string) => text;
  },
};

type Lent = PoolClient & { readonly processID: number };

/** A pool that was handed in, or one of the store's own. */
export function poolSource(handedIn: Pool | null, config: PoolConfig, timeoutMs: number): Source {
  const pool = handedIn ?? ownPool(config, timeoutMs);
  // Without a listener, an idle connection that dies would end the process.
  pool.on("error", ignore);
  return {
    config: pool.options,
    place: placeOf(pool.options),
    async lend() {
      const client = (await pool.connect()) as Lent;
      client.on("error", ignore);
      let lent = true;
      return {
        processId: client.processID,
        query: (text, values, name) => queryClient(client, text, values, name),
        release(broken) {
          if (!lent) return;
          lent = false;
          // One that is broken may still fail once more, with nobody else listening.
          if (!broken) client.off("error", ignore);
          client.release(broken);
        },
      };
    },
    async close() {
      pool.off("error", ignore);
      if (handedIn) return;
      pool.on("error", ignore);
      await pool.end();
    },
  };
}

async function queryClient(
  client: ClientBase,
  text: string,
  values: readonly unknown[],
  name?: string,
): Promise<QueryAnswer> {
  const result = await client.query({ text, values: [...values], types, ...(name && { name }) });
  return { rows: result.rows ?? [], changes: result.rowCount ?? 0 };
}

/** A transaction of the application's, as a connection that it lends. @throws ValidationError, StorageError */
export function viaLoan(via: object): Loan {
  const queryVia = isKysely(via)
    ? via.isTransaction && kyselyQuery(via)
    : isClient(via) && via.getTransactionStatus?.() !== "I" && queryClient.bind(null, via);
  if (!queryVia) {
    if (isKysely(via) || isClient(via)) throw noTransaction();
    throw invalidVia("a client of pg inside a transaction, or a transaction of Kysely; a pool has none");
  }
  // Prepared under no name: how long the connection lives, and what lies before the server, is not ours to know.
  return { processId: null, query: (text, values) => queryVia(text, values), release: () => {} };
}

/** By what it can do: the application may have another copy of pg, and an older one, that knows no state. */
function isClient(via: object): via is ClientBase & { getTransactionStatus?(): string | null } {
  const { query, totalCount } = via as Partial<Pool>;
  return typeof query === "function" && totalCount === undefined;
}

/**
 * The server gives up on a statement when the caller does. A pooler between the two would hand such a setting on to
 * others' transactions, so it is only made where the server's own process answers.
 */
function ownPool(config: PoolConfig, timeoutMs: number): Pool {
  const sql = "select set_config('statement_timeout', $1, false) where pg_backend_pid() = $2";
  const setUp = async (client: ClientBase): Promise<void> => {
    await client.query(sql, [String(timeoutMs), (client as Lent).processID]);
  };
  // pg waits for it, whatever its types say.
  return new Pool({
    connectionTimeoutMillis: timeoutMs,
    ...config,
    onConnect: (client) => setUp(client) as unknown as void,
  });
}

function placeOf(options: PoolConfig): string {
  const { host, port, database } = new Client(options);
  return `${host}:${port}/${database ?? ""}`;
}

/** The fields of rows that hold 64-bit numbers, which a Kysely of the application's own may give as text. */
const NUMBERS =
  "sequence seq eta timeout createdAt updatedAt lastAttemptAt finishedAt leaseUntil timestamp startedAt expiresAt lease_until now until at".split(
    " ",
  );

/** A Kysely that was handed in. */
export function kyselySource(kysely: AnyKysely): Source {
  return {
    config: null,
    place: "the database of the Kysely",
    lend: () =>
      new Promise((resolve, reject) => {
        const lend = kysely.connection().execute(
          (connection) =>
            new Promise<void>((release) => {
              resolve({
                processId: null,
                query: kyselyQuery(connection),
                release: () => release(),
              });
            }),
        );
        lend.catch(reject);
      }),
    close: async () => {},
  };
}

function kyselyQuery(kysely: AnyKysely): Loan["query"] {
  return async (text, values) => {
    const { rows, changes } = await queryKysely(kysely, text, values);
    return { rows: (rows as Record<string, unknown>[]).map(withNumbers), changes };
  };
}

function withNumbers(row: Record<string, unknown>): unknown {
  const converted = { ...row };
  for (const field of NUMBERS) {
    if (typeof converted[field] === "string") converted[field] = Number(converted[field]);
  }
  return converted;
}
