import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import type { StorageHarness } from "@omniq/storage-testkit";

/** How the kit gets at this adapter. */
export const harness: StorageHarness = {
  name: "sqlite",
  async setUp() {
    const folder = mkdtempSync(join(tmpdir(), "omniq-sqlite-"));
    return {
      connect: (options) => new SQLiteStorage({ ...options, path: join(folder, "omniq.db") }),
      cleanUp: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};
