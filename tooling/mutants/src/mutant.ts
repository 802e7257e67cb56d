import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import type { StorageHarness } from "@omniq/storage-testkit";

/** A memory store that is broken in one way. */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  /** The rule that must notice. */
  readonly killedBy: string;
  /** A piece of the reason that the rule must give. */
  readonly reason: string;
  readonly storage?: typeof MemoryStorage;
  readonly database?: typeof MemoryDatabase;
}

/** The harness of a broken store; without parts given, of the memory store as it is. */
export function harnessOf({
  name,
  storage = MemoryStorage,
  database = MemoryDatabase,
}: Partial<Mutant>): StorageHarness<MemoryDatabase> {
  const Storage: new (options: MemoryStorageOptions) => MemoryStorage = storage;
  return {
    name: name ?? "memory",
    async setUp() {
      const config = new database();
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
    connect: (shared, options) => new Storage({ ...options, database: shared }),
  };
}
