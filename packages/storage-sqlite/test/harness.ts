import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import type { PlaceTransaction, StorageHarness } from "@omniq/storage-testkit";
import Database from "better-sqlite3";
import { claimPlan } from "./support/claim-plan.ts";

/** How the kit gets at this adapter. A place is known by the path of its database. */
export const harness: StorageHarness<string> = {
  name: "sqlite",
  module: import.meta.url,
  async setUp() {
    const folder = mkdtempSync(join(tmpdir(), "omniq-sqlite-"));
    const path = join(folder, "omniq.db");
    const begun: Database.Database[] = [];
    return {
      config: path,
      claimPlan: (now) => claimPlan(path, now),
      corrupt: (taskId) =>
        change(path, "update tasks set payload = substr(payload, 2), policies = '{' where id = ?", taskId),
      begin: async () => begin(path, begun),
      files: { folder, configAt: (other) => join(other, "omniq.db") },
      format: {
        fixtures: [{ name: "schema 1", load: async () => load(path, FIXTURE) }],
        makeNewer: () =>
          change(path, "update omniq_meta set value = value + 1 where key = ?", "schema_version"),
        contents: async () => contentsOf(path),
      },
      async cleanUp() {
        for (const database of begun) database.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
  connect: (path, options) => new SQLiteStorage({ ...options, path }),
};

export function begin(path: string, begun: Database.Database[]): PlaceTransaction {
  const via = new Database(path);
  begun.push(via);
  via.exec("begin immediate");
  return {
    via,
    commit: async () => void via.exec("commit"),
    rollBack: async () => void via.exec("rollback"),
  };
}

/** A database as the first version of the schema has it. */
export const FIXTURE = join(import.meta.dirname, "fixtures", "schema-1.sql");

export function load(path: string, fixture: string): void {
  const database = new Database(path);
  database.exec(readFileSync(fixture, "utf8"));
  database.close();
}

export async function change(path: string, statement: string, ...values: readonly string[]): Promise<void> {
  const database = new Database(path);
  database.prepare(statement).run(...values);
  database.close();
}

/** Every row of every table. */
export function contentsOf(path: string): string {
  const database = new Database(path);
  const tables = database.prepare("select name, sql from sqlite_master where type = 'table'").all() as {
    readonly name: string;
  }[];
  const rows = tables.map(({ name }) => database.prepare(`select * from "${name}"`).all());
  database.close();
  return JSON.stringify([tables, rows]);
}
