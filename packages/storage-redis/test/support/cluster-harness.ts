import { redisHarness } from "./redis-harness.ts";
import { sharedCluster } from "./server.ts";

/** On three masters. */
export const harness = redisHarness({
  name: "redis (cluster)",
  module: import.meta.url,
  server: sharedCluster,
  cluster: true,
});
