import { testStorage } from "@omniq/storage-testkit/vitest";
import { MapStorage } from "../src/map-storage.ts";
import { MapStore } from "../src/map-store.ts";

testStorage({
  name: "map",
  async setUp() {
    const store = new MapStore();
    return {
      connect: (options) => new MapStorage(store, options),
      cleanUp: () => store.clear(),
    };
  },
});
