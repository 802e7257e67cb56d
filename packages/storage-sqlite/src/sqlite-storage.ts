import { resolve } from "node:path";
import { type DurationInput, StorageError, durationMs } from "@omniq/core";
import {
  BASE_STORAGE_OPTIONS,
  type BaseStorageOptions,
  Doorbell,
  baseFolder,
  checkOneOf,
  checkMethods,
  checkOptions,
  checkText,
  packageVersion,
} from "@omniq/core/storage";
import type * as h from "@omniq/core/storage";
import * as shared from "@omniq/storage-sql";
import type Database from "better-sqlite3";
import { sql } from "kysely";
import { ClaimStatements } from "./claim-statements.ts";
import { CommitWatch } from "./commit-watch.ts";
import { Connection } from "./connection.ts";
import { enqueue } from "./enqueue-program.ts";
import { PlainInserts } from "./plain-inserts.ts";
import { toSqliteError } from "./sqlite-failure.ts";
import { enqueueVia, isHandle } from "./via.ts";
import { WriteStatements } from "./write-statements.ts";

export interface SQLiteStorageOptions extends BaseStorageOptions {
  /** The database file; it and its folder are created where they are missing. Default `./omniq_data/omniq.db`. */
  readonly path?: string;
  /** A handle of your own, of better-sqlite3, in place of a path. It is neither configured nor closed. */
  readonly database?: Database.Database;
  /**
   * `full`, the default: an acknowledged call survives the loss of power. `relaxed`: it survives the end of the
   * process, but the last calls before a loss of power may be gone.
   */
  readonly durability?: "full" | "relaxed";
  /** How long a call waits for a lock that another process holds. Default `"10s"`. */
  readonly lockTimeout?: DurationInput;
}

const OPTIONS = [...BASE_STORAGE_OPTIONS, "path", "database", "durability", "lockTimeout"];

const db = shared.sqliteQueries;

const DIALECT: shared.SchemaDialect = {
  bigint: "integer",
  serial: "integer",
  numbered: (column) => column.primaryKey().autoIncrement(),
  key: sql`text`,
  keyedTable: "without rowid",
  additions: [["insert into omniq_meta (key, value) values ('token', 0)"]],
};

/** What an open store works with. */
interface Opened {
  readonly connection: Connection;
  /** The number that the store's tables are known by. */
  readonly id: number;
  readonly plain: PlainInserts;
  readonly claim: ClaimStatements;
  readonly write: WriteStatements;
}

/**
 * Tasks in one SQLite file, which several processes of one host may share. Writes are durable when they are
 * acknowledged; workers in other processes are woken through a file beside the database.
 */
export class SQLiteStorage extends shared.SqlStorage {
  /** The database file, as an absolute path; `:memory:` for a database without one. */
  readonly path: string;
  protected readonly queries = db;
  readonly #options: SQLiteStorageOptions;
  readonly #doorbell: Doorbell | null;
  readonly #lockTimeoutMs: number;
  readonly #commits = new CommitWatch();
  #opened: Opened | null = null;

  /** Touches no file: the first call opens the database. @throws ValidationError for a bad option */
  constructor(
    pathOrOptions: string | SQLiteStorageOptions = {},
    more: Omit<SQLiteStorageOptions, "path"> = {},
  ) {
    const options = typeof pathOrOptions === "string" ? { ...more, path: pathOrOptions } : pathOrOptions;
    checkOptions(options, OPTIONS, "SQLiteStorage");
    const { durability = "full", lockTimeout = "10s" } = options;
    checkOneOf(durability, "durability", ["full", "relaxed"]);
    if (options.database !== undefined) checkMethods(options.database, "database", ["prepare", "pragma"]);
    const path = options.database?.name ?? options.path ?? defaultPath();
    checkText(path, "path", 4096);
    super(
      {
        name: "sqlite",
        version: packageVersion(import.meta.url),
        capabilities: {
          durable: path !== ":memory:",
          multiProcess: path !== ":memory:",
          wakeup: path !== ":memory:",
          strictOrder: true,
          batchAtomic: true,
          eventsTransactional: true,
          eventsIndexed: true,
          transactions: true,
          survivesPowerLoss: path !== ":memory:" && durability === "full",
        },
      },
      options,
    );
    this.#options = options;
    this.#lockTimeoutMs = durationMs(lockTimeout, "lockTimeout");
    this.path = path === ":memory:" ? path : resolve(path);
    this.#doorbell = path === ":memory:" ? null : new Doorbell(`${this.path}-wake`);
  }

  protected async doOpen(): Promise<void> {
    const { database = null, durability = "full" } = this.#options;
    const connection = await Connection.open({
      path: this.path,
      database,
      durability,
      lockTimeoutMs: this.#lockTimeoutMs,
    });
    try {
      const tables = (): string[] =>
        connection.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
      // Where nothing has to be changed, nobody's lock is in the way.
      const current = await connection.read(() => connection.run(shared.currentStore(db, tables())));
      const migrated = (): number => {
        connection.run(shared.migrate(db, DIALECT, tables(), this.path));
        return connection.run(shared.storeId(db)) as number;
      };
      const id = current ?? (await connection.write(migrated));
      await connection.useWriteAheadLog();
      this.#opened = {
        connection,
        id,
        plain: new PlainInserts(connection),
        claim: new ClaimStatements(connection),
        write: new WriteStatements(connection),
      };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    this.#commits.close();
    await this.#doorbell?.close();
    this.#opened?.connection.close();
    this.#opened = null;
  }

  protected async doDestroy(): Promise<void> {
    await this.#write((_now, { connection }) => connection.run(shared.dropTables(db)));
    await this.#doorbell?.remove();
  }

  protected async doDescribe(): Promise<h.DescribeHookResult> {
    const { database } = this.#store.connection;
    const pragma = (name: string): string => String(database.pragma(name, { simple: true }));
    return {
      durability: {
        journal_mode: pragma("journal_mode"),
        synchronous: pragma("synchronous"),
        fullfsync: pragma("fullfsync"),
      },
      versions: {
        sqlite: database.prepare("select sqlite_version()").pluck().get() as string,
        schema: String(shared.SCHEMA_VERSION),
      },
    };
  }

  protected async doEnqueue(params: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    return this.#write((now, { connection, plain }) => {
      const program = enqueue(params, now, (task) => plain.insert(task, now));
      return { now, groups: connection.run(program) };
    });
  }

  protected override async doEnqueueVia(
    via: object,
    params: h.EnqueueHookParams,
  ): Promise<h.EnqueueHookResult> {
    const { connection, id } = this.#store;
    const now = this.clock.now();
    try {
      const answers = enqueueVia(via, params, now, { id, place: this.path });
      const groups = answers instanceof Promise ? await answers : answers;
      const created = groups.flat().find(({ status }) => status === "created");
      const isVisible = (taskId: string): boolean =>
        !connection.database.inTransaction && connection.run(shared.getTask(db, taskId)) !== null;
      // Nobody tells of a commit. One of Kysely's is there once the store sees its task.
      if (created) {
        const isOver = isHandle(via) ? () => !via.inTransaction : () => isVisible(created.id);
        this.#commits.wait(isOver, () => void this.notify());
      }
      return { now, groups };
    } catch (thrown) {
      throw toSqliteError(thrown, this.path);
    }
  }

  protected async doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult> {
    return this.#write((now, { claim }) => ({ now, ...claim.dequeue(params, now) }));
  }

  protected async doWrite(writes: readonly h.TaskWrite[]): Promise<h.WriteHookResult> {
    return this.#write((now, { write }) => ({ now, answers: writes.map((one) => write.write(one, now)) }));
  }

  protected override async doExchange(
    writes: readonly h.TaskWrite[],
    params: h.DequeueHookParams,
  ): Promise<h.ExchangeHookResult> {
    return this.#write((now, { write, claim }) => {
      const answers = writes.map((one) => write.write(one, now));
      return { now, answers, ...claim.dequeue(params, now) };
    });
  }

  protected async doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult> {
    return this.#write((now, { write }) => ({ now, answers: renewals.map((one) => write.renew(one, now)) }));
  }

  /** One statement, prepared: a worker that names no queues asks again and again. */
  protected override async doListQueues(): Promise<readonly h.QueueInfo[]> {
    const { connection, claim } = this.#store;
    return connection.read(() => claim.queues());
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    const { connection, claim } = this.#store;
    const at = await connection.read(() => claim.nextDue(queues));
    return { now: this.clock.now(), at };
  }

  protected override async doNotify(): Promise<void> {
    this.#doorbell?.ring();
  }

  protected override async doWatch(onHint: () => void): Promise<h.Watch | null> {
    return this.#doorbell?.listen(onHint) ?? null;
  }

  protected change<T>(program: (now: number) => shared.SqlProgram<T>): Promise<T> {
    return this.#write((now, { connection }) => connection.run(program(now)));
  }

  protected read<T>(program: (now: number) => shared.SqlProgram<T>): Promise<T> {
    const { connection } = this.#store;
    return connection.read(() => connection.run(program(this.clock.now())));
  }

  get #store(): Opened {
    if (!this.#opened) throw new StorageError("not_open", `${this.path} is not open`);
    return this.#opened;
  }

  /** One transaction, with the time read once, when the lock is held. */
  #write<T>(work: (now: number, opened: Opened) => T): Promise<T> {
    const opened = this.#store;
    return opened.connection.write(() => work(this.clock.now(), opened));
  }
}

function defaultPath(): string {
  return `${baseFolder()}/omniq.db`;
}
