/** What `@omniq/storage-redis` reaches its server by. It knows no tasks; applications have no use for it. */
export type { RedisClient } from "./client.ts";
export { type Argument, Connection, type ConnectionOptions } from "./connection.ts";
export { listen } from "./listener.ts";
export { REFUSALS, redisFailure } from "./redis-failure.ts";
export { type FindScript, scriptFinder } from "./scripts.ts";
