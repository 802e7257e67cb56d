import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import { testStorage } from "@omniq/storage-testkit/vitest";

testStorage({
  name: "sqlite",
  async setUp() {
    const folder = mkdtempSync(join(tmpdir(), "omniq-sqlite-"));
    return {
      connect: (options) => new SQLiteStorage({ ...options, path: join(folder, "omniq.db") }),
      cleanUp: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
});
