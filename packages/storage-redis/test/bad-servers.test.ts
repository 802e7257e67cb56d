import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { type RedisServer, startRedis, startRedisCluster } from "@omniq/services";
import { Redis } from "ioredis";
import { afterEach, describe, it, vi } from "vitest";
import { clientOf, sharedServer } from "./support/server.ts";
import { usePlace } from "./support/place.ts";
import { claim, complete, enqueueOne } from "./support/steps.ts";

const place = usePlace();
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function start(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  stops.push(() => server.stop());
  return server;
}

function clientTo(server: RedisServer): Redis {
  const client = new Redis(server.url);
  stops.push(async () => client.disconnect());
  return client;
}

/** A typed error, with nothing in it that must reach no log. */
async function refused(
  call: Promise<unknown>,
  code: string,
  retryable: boolean,
  outcome = "not-applied",
): Promise<void> {
  await assert.rejects(call, (error: Error & { code: string; retryable: boolean; outcome: string }) => {
    assert.equal(error.name, "StorageError", inspect(error));
    assert.deepEqual(
      [error.code, error.retryable, error.outcome],
      [code, retryable, outcome],
      inspect(error),
    );
    assert.ok(!inspect(error, { depth: 10 }).includes("s3cret"), inspect(error, { depth: 10 }));
    return true;
  });
}

describe("at open", () => {
  it("a server that is down is unavailable, and the same instance opens once it is up", async () => {
    const server = await start();
    await server.kill();
    const store = await place.store({ url: server.url });
    await refused(store.open(), "unavailable", true);
    await server.start();
    await enqueueOne(store);
  });

  it("a host that does not exist is unavailable", async () => {
    await refused((await place.store({ url: "redis://no-such-host.invalid" })).open(), "unavailable", true);
  });

  it("a server that accepts and says nothing is unavailable in time", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    stops.push(async () => silent.close());
    await refused(
      (await place.store({ url: `redis://127.0.0.1:${port}`, timeout: "200ms" })).open(),
      "unavailable",
      true,
    );
  });

  it("a wrong or missing password is told of, and not shown", async () => {
    const server = await start({ password: "right" });
    const host = `127.0.0.1:${server.port}`;
    for (const login of ["", ":s3cret@", "nobody:s3cret@"]) {
      await refused(
        (await place.store({ url: `redis://${login}${host}` })).open(),
        "authentication_failed",
        false,
      );
    }
    await enqueueOne(await place.store({ url: server.url }), { payload: "s3cret" });
  });

  it("a user without rights is told of", async () => {
    const server = await start();
    await clientTo(server).acl(
      "SETUSER",
      "weak",
      "on",
      ">s3cret",
      "~*",
      "+ping",
      "+info",
      "+hello",
      "+client",
    );
    const store = await place.store({ url: `redis://weak:s3cret@127.0.0.1:${server.port}` });
    await refused(store.open(), "no_permission", false);
  });

  it("a database that does not exist is told of", async () => {
    await refused((await place.store({ url: `${await sharedServer()}/999` })).open(), "no_database", false);
  });

  it("a replica takes no writes", async () => {
    const master = await start();
    const replica = await start({ args: ["--replicaof", `${master.host} ${master.port}`] });
    await refused((await place.store({ url: replica.url })).open(), "read_only", true);
  });

  it("a cluster is not a single server, nor the other way round", async () => {
    const cluster = await startRedisCluster();
    stops.push(() => cluster.stop());
    await refused((await place.store({ url: cluster.url })).open(), "wrong_redis_mode", false);
    const client = clientOf(cluster.url) as Redis;
    await refused((await place.store({ client })).open(), "wrong_redis_mode", false);
    client.disconnect();
    await refused(
      (await place.store({ url: await sharedServer(), cluster: true })).open(),
      "wrong_redis_mode",
      false,
    );
  });

  it("keys that somebody else made are left as they are", async () => {
    const client = clientOf(await sharedServer());
    for (const [name, make] of [
      ["tasks", (key: string) => client.set(key, "mine")],
      ["events", (key: string) => client.rpush(key, "mine")],
      ["queues", (key: string) => client.hset(key, "mine", "1")],
    ] as const) {
      const key = `{${place.prefix}}:${name}`;
      await make(key);
      const before = await client.dumpBuffer(key);
      await refused((await place.store()).open(), "foreign_key", false);
      assert.deepEqual(await client.dumpBuffer(key), before);
      await client.del(key);
    }
  });

  it("a newer format is left as it is", async () => {
    await enqueueOne(await place.store());
    await clientOf(await sharedServer()).hset(`{${place.prefix}}:meta`, "format", 2);
    await refused((await place.store()).open(), "schema_too_new", false);
  });

  it("durability that the server does not give is not promised", async () => {
    await refused((await place.store({ durability: "always" })).open(), "not_durable", false);
    const server = await start({ appendfsync: "always" });
    const store = await place.store({ url: server.url, durability: "always" });
    assert.equal((await store.describe()).durability["appendfsync"], "always");
  });

  it("says how tasks could be lost", async () => {
    const server = await start({ appendfsync: "off", maxmemoryPolicy: "allkeys-lru" });
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    await (await place.store({ url: server.url })).open();
    await (await place.store({ url: server.url })).open();
    const messages = warn.mock.calls.map(([message]) => String(message));
    assert.equal(messages.length, 2);
    assert.match(messages[0] as string, /maxmemory-policy is allkeys-lru/);
    assert.match(messages[1] as string, /persists nothing/);
  });

  it("does without CONFIG where it is refused", async () => {
    const server = await start({ args: ["--rename-command", "CONFIG", ""] });
    const store = await place.store({ url: server.url });
    await enqueueOne(store);
    const { durability } = await store.describe();
    assert.deepEqual([durability["appendonly"], durability["appendfsync"]], ["yes", "unknown"]);
  });
});

describe("in the middle", () => {
  it("a server that runs out of memory changes nothing, and takes tasks again once it has some", async () => {
    const server = await start();
    const store = await place.store({ url: server.url });
    const kept = await enqueueOne(store);
    await clientTo(server).config("SET", "maxmemory", "1");
    await refused(enqueueOne(store), "out_of_memory", true);
    await clientTo(server).config("SET", "maxmemory", "0");
    await enqueueOne(store);
    assert.equal((await store.getTask(kept))?.status, "PENDING");
    assert.equal((await store.countTasks())[0]?.count, 2);
  });

  it("a server that is killed and started again under load loses nothing that it acknowledged", async () => {
    const server = await start({ appendfsync: "always" });
    const store = await place.store({ url: server.url });
    await store.open();
    const acknowledged = new Set<string>();
    const unclear = new Set<string>();
    let more = true;
    const producer = async (name: number): Promise<void> => {
      for (let n = 0; more; n++) {
        const id = `${name}-${n}`;
        try {
          await enqueueOne(store, { id });
          acknowledged.add(id);
        } catch (error) {
          assert.equal((error as { retryable?: boolean }).retryable, true, inspect(error));
          unclear.add(id);
        }
      }
    };
    const producers = Promise.all([1, 2, 3, 4].map(producer));
    for (let round = 0; round < 3; round++) {
      const before = acknowledged.size;
      await vi.waitFor(() => assert.ok(acknowledged.size > before + 200), { timeout: 30_000 });
      await server.kill();
      await server.start();
    }
    const before = acknowledged.size;
    await vi.waitFor(() => assert.ok(acknowledged.size > before), { timeout: 30_000 });
    more = false;
    await producers;
    const stored = new Set<string>();
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const page: Awaited<ReturnType<typeof store.listTasks>> = await store.listTasks({
        cursor,
        limit: 1000,
      });
      for (const { id } of page.tasks) {
        assert.ok(!stored.has(id));
        stored.add(id);
      }
      cursor = page.cursor;
    }
    assert.deepEqual(
      [...acknowledged].filter((id) => !stored.has(id)),
      [],
    );
    assert.deepEqual(
      [...stored].filter((id) => !acknowledged.has(id) && !unclear.has(id)),
      [],
    );
  });

  it("a server that forgets its scripts is told them again", async () => {
    const store = await place.store();
    const client = clientOf(await sharedServer());
    let more = true;
    const forgetting = (async () => {
      while (more) await client.script("FLUSH");
    })();
    for (let n = 0; n < 200; n++) await enqueueOne(store);
    const tasks = await claim(store, 200);
    for (const task of tasks) assert.equal((await complete(store, task)).status, "settled");
    more = false;
    await forgetting;
    assert.equal(tasks.length, 200);
  });

  it("a key that somebody else put in the way is told of", async () => {
    const store = await place.store();
    await store.open();
    await clientOf(await sharedServer()).set(`{${place.prefix}}:due:0:default`, "mine");
    await refused(enqueueOne(store), "foreign_key", false, "unknown");
  });
});
