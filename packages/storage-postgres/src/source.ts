import type { QueryAnswer } from "@omniq/storage-sql";
import { CompiledQuery, type Kysely } from "kysely";
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
        async query(text, values, name) {
          const result = await client.query({ text, values: [...values], types, ...(name && { name }) });
          return { rows: result.rows ?? [], changes: result.rowCount ?? 0 };
        },
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
// oxlint-disable-next-line typescript/no-explicit-any -- whatever tables it knows, ours are not among them
export function kyselySource(kysely: Kysely<any>): Source {
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
                async query(text, values) {
                  const query = CompiledQuery.raw(text, [...values]);
                  const result = await connection.executeQuery<Record<string, unknown>>(query);
                  return { rows: result.rows.map(withNumbers), changes: Number(result.numAffectedRows ?? 0) };
                },
                release: () => release(),
              });
            }),
        );
        lend.catch(reject);
      }),
    close: async () => {},
  };
}

function withNumbers(row: Record<string, unknown>): unknown {
  const converted = { ...row };
  for (const field of NUMBERS) {
    if (typeof converted[field] === "string") converted[field] = Number(converted[field]);
  }
  return converted;
}
