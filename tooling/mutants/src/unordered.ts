import type { Capabilities } from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import type { StorageHarness } from "@omniq/storage-testkit";

/** Now and then the second task goes before the first. */
class Unordered extends MemoryDatabase {
  #claims = 0;

  override due(queue: string, now: number, limit: number): ReturnType<MemoryDatabase["due"]> {
    const found = super.due(queue, now, limit + 1);
    const skips = found.length > limit && this.#claims++ % 3 === 0;
    return skips ? found.slice(1) : found.slice(0, limit);
  }
}

class UnorderedStorage extends MemoryStorage {
  override readonly capabilities: Capabilities;

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.capabilities = { ...new MemoryStorage().capabilities, strictOrder: false };
  }
}

/** A store without `strictOrder` that makes use of the freedom. */
export const unorderedHarness: StorageHarness = {
  name: "unordered",
  async setUp() {
    const database = new Unordered();
    return {
      connect: (options) => new UnorderedStorage({ ...options, database }),
      cleanUp: async () => {},
    };
  },
};
