import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster, Redis } from "ioredis";
import { keysOf } from "./server.ts";

/** The keys of a place by their names without the prefix, each with the command that makes it. */
type Fixture = Readonly<Record<string, readonly string[]>>;

const FOLDER = join(import.meta.dirname, "..", "fixtures");

export function fixtureOf(file: string): Fixture {
  return JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Fixture;
}

/** Writes the keys of a fixture under a prefix. */
export async function loadFixture(client: Redis | Cluster, prefix: string, file: string): Promise<void> {
  const fixture = fixtureOf(file);
  for (const [name, [command = "", ...args]] of Object.entries(fixture)) {
    const key = `{${prefix}}:${name}`;
    if (command !== "XADD") await client.call(command, [key, ...args]);
    else
      for (let at = 0; at < args.length; at += 3)
        await client.call(command, [key, ...args.slice(at, at + 3)]);
  }
}

/** Reads the keys of a prefix as a fixture. */
export async function readFixture(client: Redis | Cluster, prefix: string): Promise<Fixture> {
  const fixture: Record<string, readonly string[]> = {};
  for (const key of await keysOf(client, prefix)) {
    fixture[key.slice(prefix.length + 3)] = await commandFor(client, key);
  }
  return fixture;
}

async function commandFor(client: Redis | Cluster, key: string): Promise<string[]> {
  switch (await client.type(key)) {
    case "string":
      return ["SET", (await client.get(key)) ?? ""];
    case "hash":
      return ["HSET", ...Object.entries(await client.hgetall(key)).flat()];
    case "list":
      return ["RPUSH", ...(await client.lrange(key, 0, -1))];
    case "set":
      return ["SADD", ...(await client.smembers(key))];
    case "zset": {
      const flat = await client.zrange(key, "0", "-1", "WITHSCORES");
      const pairs = Array.from({ length: flat.length / 2 }, (_, at) =>
        flat.slice(at * 2, at * 2 + 2).toReversed(),
      );
      return ["ZADD", ...pairs.flat()];
    }
    default:
      return ["XADD", ...(await client.xrange(key, "-", "+")).flatMap(([id, entry]) => [id, ...entry])];
  }
}
