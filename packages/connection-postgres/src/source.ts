import { sleep, systemClock } from "@omniq/core";
import { withinTime } from "@omniq/core/storage";
import { Client, type ClientBase, type CustomTypesConfig, Pool, type PoolClient, type PoolConfig } from "pg";
import { leavingInTime } from "./leaving-client.ts";
import { isReadOnly, isRefusal, timedOut } from "./postgres-failure.ts";

/** What a statement gave. */
export interface Answer {
  readonly rows: readonly unknown[];
  /** How many rows it inserted, changed or removed. */
  readonly changes: number;
}

/** Runs a statement on one connection. One with a name is parsed and planned once. */
export type Query = (sql: string, values: readonly unknown[], name?: string) => Promise<Answer>;

/** A connection, for as long as it is lent. */
export interface Loan {
  readonly query: Query;
  /** The server's process that the driver believes to talk to; null where it does not say. */
  readonly processId: number | null;
  /** Ends the connection under what is being done with it, where that can be done. */
  readonly cutOff: () => void;
}

/** What the connections of a pool of our own are set to. */
export interface SessionOptions {
  /** How long a call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** `full`: a commit is on the server's disk before it is answered. `relaxed`: soon after. */
  readonly durability: "full" | "relaxed";
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
  /** Whether each connection is set up when it is made, where the server's own process answers. */
  readonly setsUp: boolean;
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

/**
 * A pool that was handed in, or one of our own.
 *
 * @param config how to connect, where none was handed in
 */
export function poolSource(handedIn: Pool | null, config: PoolConfig, options: SessionOptions): Source {
  const { host, port, database } = new Client(handedIn?.options ?? config);
  const place = `Postgres at ${host}:${port}/${database ?? ""}`;
  const pool = handedIn ?? ownPool(config, place, options);
  // Without a listener, an idle connection that dies would end the process.
  pool.on("error", ignore);
  return {
    config: pool.options,
    setsUp: handedIn === null,
    place,
    async lend(work) {
      const client = (await pool.connect()) as Lent;
      client.on("error", ignore);
      let isWhole = true;
      try {
        const cutOff = cut.bind(null, client);
        return await work({ processId: client.processID, cutOff, query: queryClient.bind(null, client) });
      } catch (thrown) {
        // Anything but a refusal may have cut an answer in two, and may still fail once more. And a session that takes no
        // writes never does, even when the server does again.
        isWhole = isRefusal(thrown) && (handedIn !== null || !isReadOnly(thrown));
        throw thrown;
      } finally {
        if (isWhole) client.off("error", ignore);
        client.release(!isWhole);
      }
    },
    async close() {
      if (handedIn) pool.off("error", ignore);
      else await ended(pool, options.timeoutMs);
    },
  };
}

/**
 * What each connection is set to, whatever becomes of the defaults of the server, the database and the user: the server
 * gives up on a statement when the caller does, and commits as it is to. A setting that is stricter than `on` stays. A
 * pooler between the two would hand all this on to others' transactions, so it is only set where the server's own process
 * answers.
 */
const SET_UP = `select set_config('statement_timeout', $2, false), set_config('synchronous_commit', case
    when $3 = 'relaxed' then 'off' when current_setting('synchronous_commit') = 'off' then 'on'
    else current_setting('synchronous_commit') end, false)
  where pg_backend_pid() = $1`;

function ownPool(config: PoolConfig, place: string, { timeoutMs, durability }: SessionOptions): Pool {
  // The pool's own limit ends with the greeting, after which the network may go silent, or a pooler wait for its server.
  const setUp = (client: Lent): Promise<unknown> =>
    withinTime(timeoutMs, client.query(SET_UP, [client.processID, String(timeoutMs), durability]), () => {
      cut(client);
      return timedOut(place, false);
    });
  return new Pool({
    connectionTimeoutMillis: timeoutMs,
    ...config,
    Client: leavingInTime(config.Client ?? Client),
    // pg waits for it, whatever its types say.
    onConnect: (client) => setUp(client as Lent) as unknown as void,
  });
}

/** Not by a goodbye, which nobody may be there to answer. */
function cut(client: Client): void {
  client.connection.stream.destroy();
}

/** Waits for connections that are being made no longer than a call would: they have limits of their own. */
async function ended(pool: Pool, limitMs: number): Promise<void> {
  const over = new AbortController();
  const ending = pool.end().finally(() => over.abort());
  await Promise.race([ending, sleep(systemClock, limitMs, over.signal)]);
}

/**
 * Runs a statement on a client of pg.
 *
 * By callback: the promise that pg makes otherwise keeps the rows of every answer from being collected before a full
 * collection, by when the heap has grown tenfold.
 */
export function queryClient(
  client: ClientBase,
  text: string,
  values: readonly unknown[],
  name?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    client.query({ text, values: [...values], types, ...(name && { name }) }, (error, result) => {
      if (error) reject(error);
      else resolve({ rows: result.rows ?? [], changes: result.rowCount ?? 0 });
    });
  });
}
