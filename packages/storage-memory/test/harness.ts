import { MemoryDatabase, MemoryStorage } from "@omniq/storage-memory";
import type { StorageHarness } from "@omniq/storage-testkit";

/** How the kit gets at this adapter. */
export const harness: StorageHarness<MemoryDatabase> = {
  name: "memory",
  async setUp() {
    const config = new MemoryDatabase();
    let counted = 0;
    return {
      config,
      claimWork() {
        const examined = config.examined - counted;
        counted = config.examined;
        return examined;
      },
      async corrupt(taskId) {
        const row = config.find(taskId);
        if (row) config.put({ ...row, payload: row.payload.slice(0, -1), policies: "{" });
      },
      cleanUp: async () => {},
    };
  },
  connect: (database, options) => new MemoryStorage({ ...options, database }),
};
