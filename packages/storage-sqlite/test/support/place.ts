import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQLiteStorage, type SQLiteStorageOptions } from "@omniq/storage-sqlite";
import Database from "better-sqlite3";
import { afterEach, beforeEach } from "vitest";

/** A folder of each test's own, removed after it together with all that it opened. */
export interface Place {
  readonly folder: string;
  /** The database file of {@link store} and {@link handle}. */
  readonly path: string;
  /** A store on the file. */
  store(options?: SQLiteStorageOptions): SQLiteStorage;
  /** A connection of the test's own to the file. */
  handle(options?: Database.Options): Database.Database;
}

/** To be called within a `describe`, or at the top of a file. */
export function usePlace(): Place {
  let folder = "";
  let opened: (() => unknown)[] = [];
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "omniq-sqlite-")));
  });
  afterEach(async () => {
    for (const close of opened) await close();
    opened = [];
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get folder() {
      return folder;
    },
    get path() {
      return join(folder, "omniq.db");
    },
    store(options = {}) {
      const store = new SQLiteStorage({ ...(!options.database && { path: this.path }), ...options });
      opened.push(() => store.close());
      return store;
    },
    handle(options = {}) {
      const database = new Database(this.path, options);
      opened.push(() => database.close());
      return database;
    },
  };
}
