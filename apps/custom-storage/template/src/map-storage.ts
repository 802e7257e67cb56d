import { type BaseStorageOptions, type Capabilities, RecordStorage } from "@omniq/core/storage";
import { MapStore } from "./map-store.ts";

/** Tasks in a Map: the whole contract over the seven operations of a RecordStore. */
export class MapStorage extends RecordStorage {
  constructor(
    store = new MapStore(),
    options: BaseStorageOptions = {},
    capabilities: Partial<Capabilities> = {},
  ) {
    super({ name: "map", version: "1.0.0", capabilities }, store, options);
  }
}

/** A store for the URL `map:`, so that `OmniQ.open` can name it. */
export function createStorage(_url: string | null, options: BaseStorageOptions = {}): MapStorage {
  return new MapStorage(new MapStore(), options);
}
