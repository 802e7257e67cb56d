import { setImmediate as turn } from "node:timers/promises";
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

/** Takes its time, before each step and after it. */
class SlowStorage extends MemoryStorage {}
for (const hook of [
  "doEnqueue",
  "doDequeue",
  "doWrite",
  "doRenew",
  "doGetTask",
  "doListTasks",
  "doGetResult",
] as const) {
  const work = MemoryStorage.prototype[hook as "open"] as (...args: unknown[]) => Promise<unknown>;
  Object.defineProperty(SlowStorage.prototype, hook, {
    async value(this: MemoryStorage, ...args: unknown[]) {
      await turn();
      const answer = await work.apply(this, args);
      await turn();
      return answer;
    },
  });
}

/** Keeps time in whole tenths of a second. */
class CoarseStorage extends MemoryStorage {
  override readonly capabilities: Capabilities = {
    ...new MemoryStorage().capabilities,
    timePrecisionMs: 100,
  };
}

/** Stores that are slow or coarse, and correct. */
export const ODD_HARNESSES: readonly StorageHarness<MemoryDatabase>[] = [
  {
    name: "slow",
    setUp: async () => ({ config: new MemoryDatabase(), cleanUp: async () => {} }),
    connect: (database, options) => new SlowStorage({ ...options, database }),
  },
  {
    name: "coarse",
    setUp: async () => ({ config: new MemoryDatabase(), cleanUp: async () => {} }),
    connect: (database, options) => new CoarseStorage({ ...options, database }),
  },
];

/** A store without `strictOrder` that makes use of the freedom. */
export const unorderedHarness: StorageHarness<Unordered> = {
  name: "unordered",
  setUp: async () => ({ config: new Unordered(), cleanUp: async () => {} }),
  connect: (database, options) => new UnorderedStorage({ ...options, database }),
};
