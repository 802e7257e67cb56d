import assert from "node:assert/strict";
import { inspect } from "node:util";
import { ManualClock } from "@omniq/core/testing";
import { type RedisServer, startRedisCluster } from "@omniq/services";
import { claim, claimFrom, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";
import { clientOf, sharedServer } from "./support/server.ts";
import { refused, useServers } from "./support/servers-of-ones-own.ts";

const place = usePlace();
const { start, clientTo, atEnd } = useServers();

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

  it("a server that runs out of memory halfway may have stored the first of many tasks", async () => {
    const server = await start();
    const store = await place.store({ url: server.url });
    await store.open();
    const used = /^used_memory:(\d+)/m.exec(await clientTo(server).info("memory"))?.[1];
    await clientTo(server).config("SET", "maxmemory", Number(used) + 20_000_000);
    const groups = Array.from({ length: 400 }, (_, n) => [
      { name: "work", id: `${n}`, payload: "p".repeat(100_000) },
    ]);
    await refused(store.enqueue({ groups }), "out_of_memory", true, "unknown");
    const stored = (await store.countTasks())[0]?.count ?? 0;
    assert.ok(stored > 0 && stored < 400, `${stored} tasks`);
    await clientTo(server).config("SET", "maxmemory", "0");
    await store.enqueue({ groups });
    assert.equal((await store.countTasks())[0]?.count, 400);
  });

  it("a server that comes to a claim after it was given up claims nothing", async () => {
    const server = await start();
    const store = await place.store({ url: server.url, timeout: "500ms" });
    const id = await enqueueOne(store);
    server.pause();
    await assert.rejects(claimFrom(store, "default"), { code: "timeout", outcome: "unknown" });
    const givenUp = Date.now();
    await vi.waitFor(() => assert.ok(Date.now() > givenUp + 20));
    server.resume();
    const task = await store.getTask(id);
    assert.deepEqual([task?.status, task?.attempts], ["PENDING", 0]);
    assert.equal((await claim(store)).length, 1);
  });

  it("a claim that only a clock far behind takes for given up brings what is due", async () => {
    const { url } = await start();
    const id = await enqueueOne(await place.store({ url }));
    const behind = await place.store({ url, clock: new ManualClock(0) });
    const tasks = await claim(behind);
    assert.deepEqual(
      tasks.map(({ record }) => record.id),
      [id],
    );
  });

  it("a server with too few replicas changes nothing, and takes tasks again once it has enough", async () => {
    const server = await start();
    const store = await place.store({ url: server.url });
    await enqueueOne(store);
    await clientTo(server).config("SET", "min-replicas-to-write", "1");
    await refused(enqueueOne(store), "too_few_replicas", true);
    await refused(claim(store), "too_few_replicas", true);
    await clientTo(server).config("SET", "min-replicas-to-write", "0");
    await enqueueOne(store);
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

  it("callers that try again at once, with a socket that is dead and not yet said to be, starve nobody", async () => {
    const server = await start();
    const store = await place.store({ url: server.url, timeout: "2s" });
    await enqueueOne(store);
    let over = false;
    let tries = 0;
    const insist = async (): Promise<void> => {
      // A bound, so that a loop that lets nothing else run is a failure and not a test that hangs.
      while (!over && tries < 100_000) {
        tries++;
        await enqueueOne(store).catch(() => {});
      }
    };
    const callers = Promise.all([1, 2, 3, 4].map(insist));
    await server.kill();
    await server.start();
    const before = tries;
    await vi.waitFor(() => assert.ok(tries > before + 10), { timeout: 10_000 });
    over = true;
    await callers;
    assert.ok(tries < 100_000, "the callers ran without a turn of the event loop");
    await enqueueOne(store);
  });

  it("a call that finds the socket dead before the client does is sent once there is another", async () => {
    const server = await start();
    const client = clientTo(server);
    const store = await place.store({ client });
    await enqueueOne(store);
    // Between the end of a socket and the event that tells of it, the client takes itself for connected.
    (client as unknown as { stream: { destroy(): void } }).stream.destroy();
    assert.equal(client.status, "ready");
    client.options.enableOfflineQueue = false;
    assert.equal((await store.getTask(await enqueueOne(store)))?.status, "PENDING");
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

  it("a master of a cluster that is gone for a while costs errors that say so, and no more", async () => {
    const cluster = await startRedisCluster();
    atEnd(() => cluster.stop());
    const store = await place.store({ url: cluster.url, cluster: true, timeout: "1s" });
    const id = await enqueueOne(store);
    const client = clientTo(cluster.nodes[0] as RedisServer);
    const slot = await client.cluster("KEYSLOT", place.prefix);
    client.disconnect();
    const master = cluster.nodes[Math.floor((slot * cluster.nodes.length) / 16_384)] as RedisServer;
    await master.kill();
    for (let tries = 0; tries < 3; tries++) {
      await assert.rejects(store.countTasks(), (error: Error & { code: string; retryable: boolean }) => {
        assert.equal(error.name, "StorageError", inspect(error));
        assert.equal(error.retryable, true, inspect(error));
        return true;
      });
    }
    await master.start();
    await vi.waitFor(async () => assert.equal((await store.getTask(id))?.status, "PENDING"), {
      timeout: 30_000,
      interval: 100,
    });
    for (const task of await claim(store)) assert.equal((await complete(store, task)).status, "settled");
  });
});
