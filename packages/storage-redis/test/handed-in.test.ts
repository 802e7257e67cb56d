import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import type * as ioredis from "ioredis";
import { Cluster, Redis } from "ioredis";
import { afterEach, describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { keysOf, sharedCluster, sharedServer } from "./support/server.ts";

const place = usePlace();
const clients: (Redis | Cluster)[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

function kept<T extends Redis | Cluster>(client: T): T {
  clients.push(client);
  return client;
}

/** A second copy, whose classes are others. */
function anotherIoredis(): typeof ioredis {
  const require = createRequire(import.meta.url);
  const entry = require.resolve("ioredis");
  for (const path of Object.keys(require.cache))
    if (path.startsWith(dirname(entry))) delete require.cache[path];
  return require(entry) as typeof ioredis;
}

describe("LIF-4: a client of the application's own", () => {
  it("is used as it is, and stays open", async () => {
    const client = kept(new Redis(await sharedServer(), { lazyConnect: true, connectionName: "mine" }));
    const listeners = (): number[] =>
      ["error", "close", "end", "ready"].map((name) => client.listenerCount(name));
    const before = listeners();
    const options = JSON.stringify(client.options);
    const store = await place.store({ client });
    const id = await enqueueOne(store, { payload: { to: "Ada" } });
    for (const task of await claim(store)) await complete(store, task);
    assert.deepEqual((await store.getTask(id))?.payload, { to: "Ada" });
    await store.close();
    await store.close();
    assert.equal(client.status, "ready");
    assert.equal(await client.ping(), "PONG");
    assert.deepEqual(listeners(), before);
    assert.equal(JSON.stringify(client.options), options);
  });

  it.each(["our", "another"])("may be of a cluster, by %s copy of ioredis", async (whose) => {
    const Client = whose === "our" ? Cluster : anotherIoredis().Cluster;
    const client = kept(new Client([await sharedCluster()]));
    const store = await place.store({ client });
    const hints: number[] = [];
    const watch = await store.watch(() => hints.push(hints.length));
    const other = await place.store({ url: await sharedCluster(), cluster: true });
    const before = hints.length;
    await enqueueOne(other);
    for (let tries = 0; hints.length === before && tries < 1000; tries++) await delay(5);
    assert.ok(hints.length > before);
    for (const task of await claim(store)) assert.equal((await complete(store, task)).status, "settled");
    await watch.close();
    await store.destroy();
    assert.deepEqual(await keysOf(client, place.prefix), []);
    assert.equal(client.status, "ready");
  });

  it("that is closed under the store fails its calls, and not its close", async () => {
    const client = kept(new Redis(await sharedServer()));
    const store = await place.store({ client });
    await enqueueOne(store);
    const ended = once(client, "end");
    client.disconnect();
    await ended;
    await assert.rejects(enqueueOne(store), { name: "StorageError", code: "unreachable" });
    // Whoever tries again at once lets others have their turns.
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    for (let tries = 0; tries < 20; tries++) await enqueueOne(store).catch(() => {});
    clearInterval(turning);
    assert.ok(turns > 5, `${turns} turns`);
    await store.close();
  });

  it("that sends a claim again, its reply being lost, claims once", async () => {
    const client = kept(new Redis(await sharedServer()));
    const store = await place.store({ client });
    for (let n = 0; n < 3; n++) await enqueueOne(store);
    // What a client that resends does to a claim: the same command twice.
    const sent = client.call.bind(client) as (name: string, args: string[]) => Promise<unknown>;
    client.call = (async (name: string, args: string[]) => {
      await sent(name, args);
      return sent(name, args);
    }) as typeof client.call;
    await assert.rejects(store.dequeue({ limit: 1, workerId: "w", leaseMs: 1000 }), {
      code: "connection_lost",
      retryable: true,
      outcome: "unknown",
    });
    const counts = await store.countTasks();
    assert.equal(counts.find(({ status }) => status === "RUNNING")?.count, 1);
  });
});
