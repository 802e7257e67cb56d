import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StorageHarness } from "@omniq/storage-testkit";
import { StorageSync, Thread } from "@omniq/sync";
import Database from "better-sqlite3";
import { promising } from "./support/promising.ts";

// By its module, since the processes of the kit are other applications.
const module = createRequire(import.meta.url).resolve("@omniq/storage-sqlite");

/** The stores of a process share it, each with a connection of its own: a thread for each takes the kit minutes to start. */
const thread = new Thread(60_000);

/** SQLite, every call of it blocking. */
export const harness: StorageHarness<string> = {
  name: "sqlite through @omniq/sync",
  module: import.meta.url,
  async setUp() {
    const folder = mkdtempSync(join(tmpdir(), "omniq-sync-"));
    const path = join(folder, "omniq.db");
    return {
      config: path,
      async corrupt(taskId) {
        const database = new Database(path);
        database
          .prepare("update tasks set payload = substr(payload, 2), policies = '{' where id = ?")
          .run(taskId);
        database.close();
      },
      cleanUp: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  connect: (path, options) =>
    promising(new StorageSync({ module, url: `sqlite:${path}`, thread, ...options })),
};
