import type { RecordPlace } from "@omniq/core/storage";
import type { Place } from "@omniq/storage-testkit";
import { MapStore } from "../src/map-store.ts";

/** A store whose records the kit can damage. */
export class FragileStore extends MapStore {
  readonly watchers = new Set<() => void>();
  readonly #places = new Map<string, readonly RecordPlace[]>();

  override insert(key: string, text: string, places: readonly RecordPlace[]): Promise<boolean> {
    this.#places.set(key, places);
    return super.insert(key, text, places);
  }

  async corrupt(taskId: string): Promise<void> {
    const record = await this.get(`task:${taskId}`);
    if (record) await this.replace(record, record.text.slice(0, -1), this.#places.get(record.key) ?? []);
  }
}

/** An empty store, and what the kit can do to it beside. */
export async function setUp(): Promise<Place<FragileStore>> {
  const config = new FragileStore();
  let counted = 0;
  return {
    config,
    claimWork() {
      const examined = config.examined - counted;
      counted = config.examined;
      return examined;
    },
    corrupt: (taskId) => config.corrupt(taskId),
    cleanUp: () => config.clear(),
  };
}
