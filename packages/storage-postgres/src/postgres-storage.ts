import { type DurationInput, StorageError, ValidationError, durationMs } from "@omniq/core";
import {
  BASE_STORAGE_OPTIONS,
  type BaseStorageOptions,
  type DequeueHookParams,
  type DequeueHookResult,
  type DescribeHookResult,
  type EnqueueHookParams,
  type EnqueueHookResult,
  type ExchangeHookResult,
  type RenewHookItem,
  type RenewHookResult,
  type TaskCount,
  type TaskWrite,
  type Watch,
  type WriteHookResult,
  checkOneOf,
  checkOptions,
  packageVersion,
} from "@omniq/core/storage";
import * as shared from "@omniq/storage-sql";
import { sql } from "kysely";
import type { Pool, PoolConfig } from "pg";
import { arrayText } from "./arrays.ts";
import { ClaimStatements } from "./claim-statements.ts";
import { Database } from "./database.ts";
import { EnqueueStatements } from "./enqueue-statements.ts";
import { HotStatements } from "./hot-statements.ts";
import { Listener } from "./listener.ts";
import { postgresCompiler } from "./query-builder.ts";
import { Schema } from "./schema.ts";
import { kyselySource, poolSource, viaLoan } from "./source.ts";
import { WriteStatements } from "./write-statements.ts";

export interface PostgresStorageOptions extends BaseStorageOptions {
  /** Such as `postgres://user@host:5432/database`. Default: what `PGHOST` and its like in the environment name. */
  readonly url?: string;
  /** More about the connections, as pg's Pool takes it: `max`, `ssl`, ... */
  readonly connection?: PoolConfig;
  /** A pool of your own, of pg, in place of the two above. It is neither configured nor closed. */
  readonly pool?: Pool;
  /** A Kysely of your own, on Postgres, in their place. Other processes' tasks are then found by polling. */
  readonly kysely?: shared.AnyKysely;
  /** The schema that the tables lie in; it is created where it is missing. Default `omniq`. */
  readonly schema?: string;
  /**
   * `full`, the default: an acknowledged call survives a crash of the server. `relaxed`: the last calls before one may
   * be gone.
   */
  readonly durability?: "full" | "relaxed";
  /** How long a call may take. Default `"10s"`. */
  readonly timeout?: DurationInput;
  /**
   * Whether hot statements are prepared once a connection. Default true; a pooler that gives each transaction another
   * connection is noticed.
   */
  readonly preparedStatements?: boolean;
  /** For tests: the store's time is what {@link PostgresStorage.setTestClock} says. Only for a schema made with it. */
  readonly testClock?: boolean;
}

const OPTIONS = [
  ...BASE_STORAGE_OPTIONS,
  ..."url connection pool kysely schema durability timeout preparedStatements testClock".split(" "),
];

/** What an open store works with. */
interface Opened {
  readonly database: Database;
  readonly schema: Schema;
  /** The number that the store's tables are known by. */
  readonly storeId: number;
  readonly enqueue: EnqueueStatements;
  readonly claim: ClaimStatements;
  readonly write: WriteStatements;
}

/**
 * Tasks in a schema of a Postgres database, which any number of processes and hosts may share. The server's clock
 * decides what is due; workers elsewhere are woken by NOTIFY.
 */
export class PostgresStorage extends shared.SqlStorage {
  /** The schema that the tables lie in. */
  readonly schema: string;
  protected readonly queries: shared.QueryBuilder;
  readonly #options: PostgresStorageOptions;
  readonly #timeoutMs: number;
  #opened: Opened | null = null;
  #notifying: Promise<void> | null = null;
  #owesHint = false;

  /** Connects to nothing: the first call does. @throws ValidationError for a bad option */
  constructor(urlOrOptions: string | PostgresStorageOptions = {}) {
    const options = typeof urlOrOptions === "string" ? { url: urlOrOptions } : urlOrOptions;
    checkOptions(options, OPTIONS, "PostgresStorage");
    const { schema = "omniq", durability = "full", timeout = "10s", pool, kysely } = options;
    checkOneOf(durability, "durability", ["full", "relaxed"]);
    if (!/^[a-z_][a-z0-9_]{0,39}$/.test(schema))
      throw invalid("schema", "small letters, digits and _, at most 40");
    if ([options.url ?? options.connection, pool, kysely].filter(Boolean).length > 1) {
      throw invalid(pool ? "pool" : "kysely", "given alone, without a url or another of its kind");
    }
    super(
      {
        name: "postgres",
        version: packageVersion(import.meta.url),
        capabilities: {
          durable: true,
          multiProcess: true,
          multiHost: true,
          remote: true,
          serverTime: true,
          wakeup: !kysely,
          batchAtomic: true,
          eventsTransactional: true,
          eventsIndexed: true,
          transactions: true,
          survivesServerCrash: durability === "full",
          survivesPowerLoss: durability === "full",
        },
      },
      options,
    );
    this.#options = options;
    this.#timeoutMs = durationMs(timeout, "timeout");
    this.schema = schema;
    this.queries = postgresCompiler.withSchema(schema);
  }

  protected async doOpen(): Promise<void> {
    const { pool = null, kysely, url, connection } = this.#options;
    const { preparedStatements = true, durability = "full" } = this.#options;
    const config = { ...connection, ...(url !== undefined && { connectionString: url }) };
    const source = kysely ? kyselySource(kysely) : poolSource(pool, config, this.#timeoutMs);
    const options = { timeoutMs: this.#timeoutMs, place: source.place, preparedStatements, durability };
    const database = new Database(source, options);
    const schema = new Schema(this.schema, database, this.#options.testClock ?? false);
    try {
      await database.inspect();
      const { now, storeId } = await database.transaction((loan) => schema.prepare(loan));
      this.setClock(now);
      const hot = new HotStatements(this.schema);
      const enqueue = new EnqueueStatements(database, hot);
      const claim = new ClaimStatements(database, hot);
      const write = new WriteStatements(this.queries, database, hot, enqueue, claim);
      this.#opened = { database, schema, storeId, enqueue, claim, write };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    await this.#notifying;
    await this.#opened?.database.source.close();
    this.#opened = null;
  }

  protected async doDestroy(): Promise<void> {
    const { database, schema } = this.#store;
    await database.transaction((loan) => schema.remove(loan));
  }

  protected async doDescribe(): Promise<DescribeHookResult> {
    const settings = ["fsync", "full_page_writes", "synchronous_commit", "server_version"] as const;
    const columns = settings.map((name) => `current_setting('${name}') as ${name}`).join(", ");
    const [found] = await this.#store.database.transaction(async (loan) => {
      return (await loan.query(`select ${columns}`, [])).rows as Record<(typeof settings)[number], string>[];
    });
    const { server_version: postgres = "", ...durability } = found ?? {};
    return { durability, versions: { postgres, schema: String(shared.SCHEMA_VERSION) } };
  }

  protected async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    return this.#store.enqueue.enqueue(params);
  }

  protected override async doEnqueueVia(via: object, params: EnqueueHookParams): Promise<EnqueueHookResult> {
    const { database, enqueue, storeId } = this.#store;
    return database.join(viaLoan(via), async (loan) => {
      const found = await database.program(loan, shared.storeId(this.queries));
      if (found !== storeId) throw shared.wrongDatabase(`schema ${this.schema} of ${database.place}`);
      const enqueued = await enqueue.groupByGroup(loan, params.groups);
      // Postgres tells of it when the transaction commits.
      await loan.query("select pg_notify($1, '')", [this.#channel]);
      return enqueued;
    });
  }

  protected async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const { database, claim } = this.#store;
    return database.run((loan) => claim.dequeue(loan, params));
  }

  protected async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return this.#store.write.write(writes);
  }

  protected override async doExchange(
    writes: readonly TaskWrite[],
    params: DequeueHookParams,
  ): Promise<ExchangeHookResult> {
    return this.#store.write.exchange(writes, params);
  }

  protected async doRenew(renewals: readonly RenewHookItem[]): Promise<RenewHookResult> {
    return this.#store.write.renew(renewals);
  }

  /** One state of the tables for all of its queries. */
  protected override async doCountTasks(): Promise<readonly TaskCount[]> {
    const { database } = this.#store;
    return database.transaction(
      (loan) => database.program(loan, shared.countTasks(this.queries)),
      "repeatable read read only",
    );
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    const [row] = await this.#store.database.run(async (loan) => {
      const text = `select "${this.schema}".omniq_now() as now, "${this.schema}".next_due($1) as at`;
      return (await loan.query(text, [arrayText(queues)])).rows as { now: number; at: number | null }[];
    });
    return row as { now: number; at: number | null };
  }

  /** Does not wait, since the call that it tells of must not; what comes up meanwhile shares the next one. */
  protected override async doNotify(): Promise<void> {
    this.#owesHint = true;
    this.#notifying ??= this.#notify(this.#store.database).finally(() => {
      this.#notifying = null;
    });
  }

  protected override async doWatch(onHint: () => void): Promise<Watch | null> {
    const { source, isDirect } = this.#store.database;
    if (!source.config || !isDirect) return null;
    const heartbeatMs = this.#timeoutMs / 2;
    const listener = new Listener({ config: source.config, channel: this.#channel, heartbeatMs }, onHint);
    await listener.open();
    return listener;
  }

  /**
   * Sets the store's time. For tests, and refused where the store was not made for them.
   *
   * @throws StorageError `test_clock`
   */
  async setTestClock(now: number): Promise<void> {
    if (!this.#options.testClock) throw new StorageError("test_clock", "The time is the server's own.");
    await this.open();
    await this.#store.database.run((loan) =>
      loan.query(`update "${this.schema}".omniq_meta set value = $1 where key = 'test_now'`, [now]),
    );
  }

  protected async read<T>(program: (now: shared.Instant) => shared.SqlProgram<T>): Promise<T> {
    const { database } = this.#store;
    const now = sql<number>`${sql.id(this.schema, "omniq_now")}()`;
    return database.run((loan) => database.program(loan, program(now)));
  }

  protected async change<T>(program: (now: number) => shared.SqlProgram<T>): Promise<T> {
    const { database, schema } = this.#store;
    return database.transaction(async (loan) => database.program(loan, program(await schema.now(loan))));
  }

  get #store(): Opened {
    if (!this.#opened) throw new StorageError("not_open", "The store is not open");
    return this.#opened;
  }

  get #channel(): string {
    return `omniq_${this.schema}`;
  }

  async #notify(database: Database): Promise<void> {
    while (this.#owesHint) {
      this.#owesHint = false;
      await database.run((loan) => loan.query("select pg_notify($1, '')", [this.#channel])).catch(() => {});
    }
  }
}

function invalid(field: string, must: string): ValidationError {
  return new ValidationError(`invalid_${field}`, `${field} must be ${must}.`, { field });
}
