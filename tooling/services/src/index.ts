/** Throwaway servers for tests. */
export { MissingCommandError, ensureDebianPackage, findCommand } from "./debian-package.ts";
export { type PgBouncer, startPgBouncer } from "./pgbouncer.ts";
export { type PostgresOptions, type PostgresServer, startPostgres } from "./postgres-server.ts";
export { type RedisCluster, startRedisCluster } from "./redis-cluster.ts";
export { type RedisServer, type RedisServerOptions, startRedis } from "./redis-server.ts";
export { talkToRedis } from "./redis-talk.ts";
