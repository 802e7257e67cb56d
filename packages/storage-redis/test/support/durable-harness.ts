import { redisHarness } from "./redis-harness.ts";
import { sharedDurableServer } from "./server.ts";

/** On a server that syncs its log before it answers, so that what was acknowledged survives crash and power loss. */
export const harness = redisHarness({
  name: "redis (appendfsync always)",
  module: import.meta.url,
  server: sharedDurableServer,
  durability: "always",
});
