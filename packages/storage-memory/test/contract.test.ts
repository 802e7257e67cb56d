import { MemoryDatabase, MemoryStorage } from "@omniq/storage-memory";
import { testStorage } from "@omniq/storage-testkit/vitest";

testStorage({
  name: "memory",
  async setUp() {
    const database = new MemoryDatabase();
    return {
      connect: (options) => new MemoryStorage({ ...options, database }),
      cleanUp: async () => {},
    };
  },
});
