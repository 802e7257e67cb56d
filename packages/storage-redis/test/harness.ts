import { redisHarness } from "./support/redis-harness.ts";
import { sharedServer } from "./support/server.ts";

/** How the kit gets at this adapter: on a server that syncs its log each second, as most do. */
export const harness = redisHarness({ name: "redis", module: import.meta.url, server: sharedServer });
