import { testStorage } from "@omniq/storage-testkit/vitest";
import { MapStorage } from "../src/map-storage.ts";
import { WakingMapStorage } from "../src/waking-map-storage.ts";
import { setUp } from "./fragile-store.ts";

testStorage({ name: "map", setUp, connect: (store, options) => new MapStorage(store, options) });

testStorage({ name: "waking map", setUp, connect: (store, options) => new WakingMapStorage(store, options) });
