import type { BaseStorageOptions, Watch } from "@omniq/core/storage";
import { MapStorage } from "./map-storage.ts";
import type { MapStore } from "./map-store.ts";

/** The same, with one thing done natively: instances on one store wake each other, where polling would do. */
export class WakingMapStorage extends MapStorage {
  readonly #watchers: Set<() => void>;

  constructor(store: MapStore & { readonly watchers: Set<() => void> }, options: BaseStorageOptions = {}) {
    super(store, options, { wakeup: true });
    this.#watchers = store.watchers;
  }

  protected override async doNotify(): Promise<void> {
    for (const hint of this.#watchers) hint();
  }

  protected override async doWatch(onHint: () => void): Promise<Watch> {
    this.#watchers.add(onHint);
    return { close: async () => void this.#watchers.delete(onHint) };
  }
}
