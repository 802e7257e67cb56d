// The adapter of the harness in memory: loaded in the thread, where the places are.
import type { BaseStorage } from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";

const places = new Map<string, MemoryDatabase>();

/** A store on a place, with what the kit can do to it besides. */
class PlaceStorage extends MemoryStorage {
  readonly #database: MemoryDatabase;
  #counted = 0;

  constructor(options: MemoryStorageOptions & { readonly database: MemoryDatabase }) {
    super(options);
    this.#database = options.database;
  }

  claimWork(): number {
    const examined = this.#database.examined - this.#counted;
    this.#counted = this.#database.examined;
    return examined;
  }

  corrupt(taskId: string): void {
    const row = this.#database.find(taskId);
    if (row) this.#database.put({ ...row, payload: row.payload.slice(0, -1), policies: "{" });
  }
}

export function createStorage(url: string | null, options: MemoryStorageOptions): BaseStorage {
  const place = url ?? "";
  const database = places.get(place) ?? new MemoryDatabase();
  places.set(place, database);
  return new PlaceStorage({ ...options, database });
}
