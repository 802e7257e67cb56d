import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { StorageError, sleep, systemClock, systemRandom } from "@omniq/core";
import { type QueryAnswer, type SqlProgram, type SqlQuery, runProgram } from "@omniq/storage-sql";
import Database from "better-sqlite3";
import { OpenedFile } from "./opened-file.ts";
import { isBusy, toSqliteError } from "./sqlite-failure.ts";

/** Below it, two connections that write and checkpoint at once can lose commits (the WAL-reset bug). */
const MIN_SQLITE = [3, 51, 3] as const;

/** How long SQLite itself may wait for a lock, in milliseconds: it blocks the event loop meanwhile. */
const BUSY_TIMEOUT_MS = 5;
const MAX_PAUSE_MS = 25;

export interface ConnectionOptions {
  readonly path: string;
  /** A handle of the application's; it is neither configured nor closed here. */
  readonly database: Database.Database | null;
  readonly durability: "full" | "relaxed";
  /** How long a call keeps trying to get the lock. */
  readonly lockTimeoutMs: number;
}

/**
 * One connection to the database. Reads run at once. Writes run in a transaction that takes the write lock
 * first (BEGIN IMMEDIATE): a deferred one would fail at its first write, without waiting, if another process
 * has written since its first read.
 *
 * While another process holds the lock, SQLite waits a few milliseconds and gives up; the wait between tries
 * is asynchronous, so that a busy database never holds the event loop.
 */
export class Connection {
  readonly database: Database.Database;
  readonly #options: ConnectionOptions;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #rollback: Database.Statement;
  readonly #prepared = new Map<string, Database.Statement>();
  /** Null for a handle of the application's, and where there is no file. */
  #file: OpenedFile | null = null;

  private constructor(database: Database.Database, options: ConnectionOptions) {
    this.database = database;
    this.#options = options;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
  }

  /** @throws StorageError `cannot_open`, `not_a_database`, `read_only`, `sqlite_too_old`, `busy`, ... */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const database = options.database ?? openFile(options.path);
    try {
      // Even a first look at the file waits for a process that changes its mode, or recovers it after a crash.
      return await retried(options, () => {
        checkVersion(database);
        if (!options.database) {
          database.pragma(`synchronous = ${options.durability === "full" ? "FULL" : "NORMAL"}`);
        }
        return new Connection(database, options);
      });
    } catch (thrown) {
      if (!options.database) database.close();
      throw thrown;
    }
  }

  /** A connection over a handle of the application's, which is open. */
  static over(database: Database.Database, path: string): Connection {
    return new Connection(database, { path, database, durability: "full", lockTimeoutMs: 0 });
  }

  /** The mode is kept in the file, so it is set only once the file has turned out to be OmniQ's. */
  async useWriteAheadLog(): Promise<void> {
    const { database, path } = this.#options;
    if (database) return;
    await retried(this.#options, () => this.database.pragma("journal_mode = WAL"));
    if (path !== ":memory:") this.#file = new OpenedFile(path);
  }

  close(): void {
    if (!this.#options.database) this.database.close();
  }

  /** Runs `work` without a transaction. It must not write. */
  read<T>(work: () => T): Promise<T> {
    return retried(this.#options, work);
  }

  /** Runs `work` in one transaction: all that it writes is on disk when this resolves, or nothing is. */
  write<T>(work: () => T): Promise<T> {
    return retried(this.#options, () => {
      this.#file?.check();
      this.#begin.run();
      try {
        const result = work();
        this.#commit.run();
        return result;
      } catch (thrown) {
        // Some failures, a full disk among them, have rolled back already.
        if (this.database.inTransaction) this.#rollback.run();
        throw thrown;
      }
    });
  }

  /** A prepared statement, kept for the next time. */
  prepare(sql: string): Database.Statement {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      // In numbers, whatever the application has set a handle of its own to.
      statement = this.database.prepare(sql).safeIntegers(false);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  /** Runs a program of queries, inside `read` or `write`. */
  run<T>(program: SqlProgram<T>): T {
    return runProgram(program, (query) => this.#answer(query));
  }

  #answer(query: SqlQuery): QueryAnswer {
    const statement = this.prepare(query.sql);
    if (statement.reader) return { rows: statement.all(...query.parameters), changes: 0 };
    return { rows: [], changes: statement.run(...query.parameters).changes };
  }
}

function openFile(path: string): Database.Database {
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    return new Database(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (thrown) {
    const translated = toSqliteError(thrown, path);
    if (translated !== thrown) throw translated;
    throw new StorageError("cannot_open", `${path} cannot be opened: ${(thrown as Error).message}`, {
      cause: thrown,
    });
  }
}

function checkVersion(database: Database.Database): void {
  const version = database.prepare("select sqlite_version()").pluck().get() as string;
  const parts = version.split(".").map(Number);
  for (const [index, least] of MIN_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least) {
      throw new StorageError(
        "sqlite_too_old",
        `SQLite ${version} can lose commits when several processes write (its WAL-reset bug). ` +
          `Use better-sqlite3 with SQLite ${MIN_SQLITE.join(".")} or newer.`,
      );
    }
  }
}

/** Tries again while the lock is held elsewhere, with growing pauses of random length. */
async function retried<T>({ path, lockTimeoutMs }: ConnectionOptions, attempt: () => T): Promise<T> {
  const giveUpAt = systemClock.now() + lockTimeoutMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    try {
      return attempt();
    } catch (thrown) {
      if (!isBusy(thrown) || systemClock.now() >= giveUpAt) throw toSqliteError(thrown, path);
    }
    await sleep(systemClock, pause * (0.5 + systemRandom()));
  }
}
