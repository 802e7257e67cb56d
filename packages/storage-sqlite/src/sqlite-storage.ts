import { resolve } from "node:path";
import { type DurationInput, StorageError, durationMs } from "@omniq/core";
import {
  BASE_STORAGE_OPTIONS,
  BaseStorage,
  type BaseStorageOptions,
  type DequeueHookParams,
  type DequeueHookResult,
  type DescribeHookResult,
  type EnqueueHookParams,
  type EnqueueHookResult,
  type EventInsert,
  type EventsHookParams,
  type EventsHookResult,
  type ExchangeHookResult,
  type ImportedTask,
  type ListHookParams,
  type ListHookResult,
  type PurgeHookParams,
  type QueueInfo,
  type RenewHookItem,
  type RenewHookResult,
  type ResultHookParams,
  type ResultKey,
  type ResultRecord,
  type StoredTask,
  type TaskCount,
  type TaskWrite,
  type Watch,
  type WriteHookResult,
  checkOneOf,
  checkOptions,
  packageVersion,
} from "@omniq/core/storage";
import * as shared from "@omniq/storage-sql";
import type Database from "better-sqlite3";
import { ClaimStatements } from "./claim-statements.ts";
import { Connection } from "./connection.ts";
import { Doorbell } from "./doorbell.ts";
import { EnqueueStatements } from "./enqueue-statements.ts";
import { sqliteQueries as db, sqliteSchema } from "./query-builder.ts";
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

/** What an open store works with. */
interface Opened {
  readonly connection: Connection;
  readonly enqueue: EnqueueStatements;
  readonly claim: ClaimStatements;
  readonly write: WriteStatements;
}

/**
 * Tasks in one SQLite file, which several processes of one host may share. Writes are durable when they are
 * acknowledged; workers in other processes are woken through a file beside the database.
 */
export class SQLiteStorage extends BaseStorage {
  /** The database file, as an absolute path; `:memory:` for a database without one. */
  readonly path: string;
  readonly #options: SQLiteStorageOptions;
  readonly #doorbell: Doorbell | null;
  readonly #lockTimeoutMs: number;
  #opened: Opened | null = null;

  /** Touches no file: the first call opens the database. @throws ValidationError for a bad option */
  constructor(pathOrOptions: string | SQLiteStorageOptions = {}) {
    const options = typeof pathOrOptions === "string" ? { path: pathOrOptions } : pathOrOptions;
    checkOptions(options, OPTIONS, "SQLiteStorage");
    const { durability = "full", lockTimeout = "10s" } = options;
    checkOneOf(durability, "durability", ["full", "relaxed"]);
    const path = options.database?.name ?? options.path ?? defaultPath();
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
          survivesPowerLoss: path !== ":memory:" && durability === "full",
        },
      },
      options,
    );
    this.#options = options;
    this.#lockTimeoutMs = durationMs(lockTimeout, "lockTimeout");
    this.path = path === ":memory:" ? path : resolve(path);
    this.#doorbell = path === ":memory:" ? null : new Doorbell(this.path);
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
      await connection.write(() => {
        const tables = connection
          .prepare("select name from sqlite_master where type = 'table'")
          .pluck()
          .all() as string[];
        connection.run(shared.migrate(db, sqliteSchema, tables, this.path));
      });
      await connection.useWriteAheadLog();
      const enqueue = new EnqueueStatements(connection);
      const write = new WriteStatements(connection, enqueue);
      this.#opened = { connection, enqueue, write, claim: new ClaimStatements(connection) };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    this.#doorbell?.close();
    this.#opened?.connection.close();
    this.#opened = null;
  }

  protected async doDestroy(): Promise<void> {
    await this.#write((_now, { connection }) => connection.run(shared.dropTables(db)));
    this.#doorbell?.remove();
  }

  protected async doDescribe(): Promise<DescribeHookResult> {
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

  protected async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    return this.#write((now, { enqueue }) => ({ now, groups: enqueue.enqueue(params, now) }));
  }

  protected async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    return this.#write((now, { claim }) => ({ now, ...claim.dequeue(params, now) }));
  }

  protected async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return this.#write((now, { write }) => ({ now, answers: writes.map((one) => write.write(one, now)) }));
  }

  protected override async doExchange(
    writes: readonly TaskWrite[],
    params: DequeueHookParams,
  ): Promise<ExchangeHookResult> {
    return this.#write((now, { write, claim }) => {
      const answers = writes.map((one) => write.write(one, now));
      return { now, answers, ...claim.dequeue(params, now) };
    });
  }

  protected async doRenew(renewals: readonly RenewHookItem[]): Promise<RenewHookResult> {
    return this.#write((now, { write }) => ({ now, answers: renewals.map((one) => write.renew(one, now)) }));
  }

  protected async doGetTask(taskId: string): Promise<StoredTask | null> {
    return this.#read(() => shared.getTask(db, taskId));
  }

  protected async doListTasks(params: ListHookParams): Promise<ListHookResult> {
    return this.#read(() => shared.listTasks(db, params));
  }

  protected async doCountTasks(): Promise<readonly TaskCount[]> {
    return this.#read(() => shared.countTasks(db));
  }

  protected async doListQueues(): Promise<readonly QueueInfo[]> {
    const { connection, claim } = this.#store;
    return connection.read(() => claim.queues());
  }

  protected async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    await this.#change(() => shared.setQueuePaused(db, name, paused));
  }

  protected async doPurge(params: PurgeHookParams): Promise<number> {
    return this.#change(() => shared.purgeTasks(db, params));
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    const at = await this.#read(() => shared.nextDue(db, queues));
    return { now: this.clock.now(), at };
  }

  protected async doImportTasks(
    tasks: readonly ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    return this.#change(() => shared.importTasks(db, tasks));
  }

  protected async doGetResult(key: ResultKey): Promise<ResultRecord | null> {
    return this.#read((now) => shared.getResult(db, key, now));
  }

  protected async doPutResult(params: ResultHookParams): Promise<void> {
    await this.#change((now) => shared.putResult(db, params, now));
  }

  protected async doDeleteResult(key: ResultKey): Promise<boolean> {
    return this.#change(() => shared.deleteResult(db, key));
  }

  protected async doPurgeResults(limit: number): Promise<number> {
    return this.#change((now) => shared.purgeResults(db, now, limit));
  }

  protected async doAppendEvents(events: readonly EventInsert[]): Promise<void> {
    await this.#change((now) => shared.appendEvents(db, events, now));
  }

  protected async doQueryEvents(params: EventsHookParams): Promise<EventsHookResult> {
    return this.#read(() => shared.queryEvents(db, params));
  }

  protected async doPurgeEvents(before: number, limit: number): Promise<number> {
    return this.#change(() => shared.purgeEvents(db, before, limit));
  }

  protected override async doNotify(): Promise<void> {
    this.#doorbell?.ring();
  }

  protected override async doWatch(onHint: () => void): Promise<Watch | null> {
    return this.#doorbell?.listen(onHint) ?? null;
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

  #change<T>(program: (now: number) => shared.SqlProgram<T>): Promise<T> {
    return this.#write((now, { connection }) => connection.run(program(now)));
  }

  #read<T>(program: (now: number) => shared.SqlProgram<T>): Promise<T> {
    const { connection } = this.#store;
    return connection.read(() => connection.run(program(this.clock.now())));
  }
}

function defaultPath(): string {
  return `${process.env["OMNIQ_BASE_DIR"] ?? "./omniq_data"}/omniq.db`;
}
