import { PostgresStorage, type PostgresStorageOptions } from "@omniq/storage-postgres";
import { Pool, type PoolConfig } from "pg";
import { afterEach, beforeEach } from "vitest";
import { serverUrl } from "./servers.ts";

/** A schema of each test's own, removed after it together with all that it opened. */
export interface Place {
  readonly schema: string;
  /** The server's superuser. */
  readonly url: string;
  /** A store on the schema. */
  store(options?: PostgresStorageOptions): PostgresStorage;
  /** A pool of the test's own. */
  pool(config?: PoolConfig): Pool;
  /** Runs one statement as the superuser. */
  sql<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** To be called after the test. */
  defer(close: () => unknown): void;
}

let places = 0;

/** To be called within a `describe`, or at the top of a file. */
export function usePlace(): Place {
  let schema = "";
  let url = "";
  let opened: (() => unknown)[] = [];
  let admin: Pool | null = null;
  beforeEach(async () => {
    url = await serverUrl();
    schema = `test_${process.pid}_${++places}`;
  });
  afterEach(async () => {
    for (const close of opened.toReversed()) await close();
    opened = [];
    const last = admin ?? new Pool({ connectionString: url });
    await last.query(`drop schema if exists ${schema} cascade`);
    await last.end();
    admin = null;
  });
  return {
    get schema() {
      return schema;
    },
    get url() {
      return url;
    },
    store(options = {}) {
      const hasSource = options.url ?? options.pool ?? options.kysely ?? options.connection;
      const store = new PostgresStorage({ ...(hasSource === undefined && { url }), schema, ...options });
      opened.push(() => store.close());
      return store;
    },
    pool(config = {}) {
      const pool = new Pool({ connectionString: url, ...config });
      // A pool is said to have ended before its connections have, and dropping their database cuts them off.
      pool.on("error", () => {});
      opened.push(() => (pool.ended ? null : pool.end()));
      return pool;
    },
    async sql<Row>(text: string, values: readonly unknown[] = []) {
      admin ??= new Pool({ connectionString: url, max: 1 });
      return (await admin.query(text, [...values])).rows as Row[];
    },
    defer: (close) => opened.push(close),
  };
}
