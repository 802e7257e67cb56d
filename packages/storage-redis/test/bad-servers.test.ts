import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { startRedisCluster } from "@omniq/services";
import { enqueueOne } from "@omniq/test-support/steps";
import type { Redis } from "ioredis";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";
import { clientOf, sharedServer } from "./support/server.ts";
import { refused, useServers } from "./support/servers-of-ones-own.ts";

const place = usePlace();
const { start, clientTo, atEnd } = useServers();

describe("at open", () => {
  it("a server that is down is unreachable, and the same instance opens once it is up", async () => {
    const server = await start();
    await server.kill();
    const store = await place.store({ url: server.url });
    await refused(store.open(), "unreachable", true);
    await server.start();
    await enqueueOne(store);
  });

  it("a host that does not exist is unreachable", async () => {
    await refused((await place.store({ url: "redis://no-such-host.invalid" })).open(), "unreachable", true);
  });

  it("a server that accepts and says nothing is unreachable in time", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    atEnd(async () => silent.close());
    await refused(
      (await place.store({ url: `redis://127.0.0.1:${port}`, timeout: "200ms" })).open(),
      "unreachable",
      true,
    );
  });

  it("a wrong or missing password is told of, and not shown", async () => {
    const server = await start({ password: "right" });
    const host = `127.0.0.1:${server.port}`;
    for (const login of ["", ":s3cret@", "nobody:s3cret@"]) {
      await refused(
        (await place.store({ url: `redis://${login}${host}` })).open(),
        "wrong_credentials",
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
    await refused(store.open(), "missing_rights", false);
  });

  it("a database that does not exist is told of", async () => {
    await refused(
      (await place.store({ url: `${await sharedServer()}/999` })).open(),
      "no_such_database",
      false,
    );
  });

  it("a replica takes no writes", async () => {
    const master = await start();
    const replica = await start({ args: ["--replicaof", `${master.host} ${master.port}`] });
    await refused((await place.store({ url: replica.url })).open(), "read_only", true);
  });

  it("a cluster is not a single server, nor the other way round", async () => {
    const cluster = await startRedisCluster();
    atEnd(() => cluster.stop());
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
