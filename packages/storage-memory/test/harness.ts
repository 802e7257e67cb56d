import { MemoryDatabase, MemoryStorage } from "@omniq/storage-memory";
import type { StorageHarness } from "@omniq/storage-testkit";

/** How the kit gets at this adapter. */
export const harness: StorageHarness = {
  name: "memory",
  async setUp() {
    const database = new MemoryDatabase();
    let counted = 0;
    return {
      connect: (options) => new MemoryStorage({ ...options, database }),
      claimWork() {
        const examined = database.examined - counted;
        counted = database.examined;
        return examined;
      },
      cleanUp: async () => {},
    };
  },
};
