import { type RedisServer, startRedis } from "@omniq/services";

let server: RedisServer | null = null;

/** One server for all test files of a run, unless one is named in the environment. */
export async function setup(): Promise<void> {
  if (process.env["OMNIQ_TEST_REDIS_URL"]) return;
  server = await startRedis();
  process.env["OMNIQ_TEST_REDIS_URL"] = server.url;
}

export async function teardown(): Promise<void> {
  await server?.stop();
}
