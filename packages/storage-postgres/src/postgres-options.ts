import { type DurationInput, ValidationError, durationMs } from "@omniq/core";
import {
  BASE_STORAGE_OPTIONS,
  type BaseStorageOptions,
  checkBoolean,
  checkInteger,
  checkMethods,
  checkOneOf,
  checkOptions,
  checkRecord,
  isText,
} from "@omniq/core/storage";
import type { AnyKysely } from "@omniq/storage-sql";
import type { Pool, PoolConfig } from "pg";

export interface PostgresStorageOptions extends BaseStorageOptions {
  /** Such as `postgres://user@host:5432/database`. Default: what `PGHOST` and its like in the environment name. */
  readonly url?: string;
  /** More about the connections, as pg's Pool takes it: `max`, `ssl`, ... */
  readonly connection?: PoolConfig;
  /** A pool of your own, of pg, in place of the two above. It is neither configured nor closed. */
  readonly pool?: Pool;
  /** A Kysely of your own, on Postgres, in their place. Other processes' tasks are then found by polling. */
  readonly kysely?: AnyKysely;
  /** The schema that the tables lie in; it is created where it is missing. Default `omniq`. */
  readonly schema?: string;
  /**
   * `full`, the default: an acknowledged call survives a crash of the server. `relaxed`: the last calls before one may
   * be gone.
   */
  readonly durability?: "full" | "relaxed";
  /** How long a call may take, at most 24 days. Default `"10s"`. */
  readonly timeout?: DurationInput;
  /**
   * Whether hot statements are prepared once a connection. Default true; a pooler that gives each transaction another
   * connection is noticed.
   */
  readonly preparedStatements?: boolean;
  /** For tests: the store's time is what `setTestClock` says. Only for a schema made with it. */
  readonly testClock?: boolean;
}

const OPTIONS = "url connection pool kysely schema durability timeout preparedStatements testClock".split(
  " ",
);

/** The longest that Postgres takes for its own limit, and a timer of Node's for ours. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Options that are checked and complete. */
export type Settings = ReturnType<typeof settingsOf>;

/** @throws ValidationError naming the option */
export function settingsOf(options: PostgresStorageOptions) {
  checkOptions(options, [...BASE_STORAGE_OPTIONS, ...OPTIONS], "PostgresStorage");
  const { url, connection, pool = null, kysely = null, schema = "omniq", durability = "full" } = options;
  const { timeout = "10s", preparedStatements = true, testClock = false } = options;
  checkOneOf(durability, "durability", ["full", "relaxed"]);
  checkBoolean(preparedStatements, "preparedStatements");
  checkBoolean(testClock, "testClock");
  if (connection !== undefined) checkRecord(connection, "connection");
  if (pool !== null) checkMethods(pool, "pool", ["connect"]);
  if (kysely !== null) checkMethods(kysely, "kysely", ["selectFrom", "transaction"]);
  // Not quoted: it may carry a password.
  if (url !== undefined && !isText(url, /^postgres(?:ql)?:\/\/./i))
    refuse("url", "names no Postgres database. Write postgres://user@host:5432/database");
  if (!isText(schema, /^[a-z_][a-z0-9_]{0,39}$/))
    refuse("schema", "must be small letters, digits and _, at most 40");
  if ([url ?? connection, pool, kysely].filter(Boolean).length > 1)
    refuse(pool ? "pool" : "kysely", "must be given alone, without a url or another of its kind");
  const config: PoolConfig = { ...connection, ...(url !== undefined && { connectionString: url }) };
  const timeoutMs = durationMs(timeout, "timeout");
  checkInteger(timeoutMs, "timeout", 1, MAX_TIMEOUT_MS);
  return { config, pool, kysely, schema, durability, timeoutMs, preparedStatements, testClock };
}

function refuse(field: string, why: string): never {
  throw new ValidationError(`invalid_${field}`, `${field} ${why}.`, { field });
}
