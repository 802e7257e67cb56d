import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { BaseStorage } from "@omniq/core/storage";
import { claim, enqueueOne } from "@omniq/test-support/steps";
import { Cluster, type Redis } from "ioredis";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";
import { sharedCluster } from "./support/server.ts";
import { refused, useServers } from "./support/servers-of-ones-own.ts";

const place = usePlace();
const { atEnd } = useServers();

/** The node that has the slot of these keys, another one, and how the slot moves from the one to the other. */
async function moveOf(client: Cluster, prefix: string) {
  const nodes = client.nodes("master");
  const slot = await (nodes[0] as Redis).cluster("KEYSLOT", prefix);
  const counts = await Promise.all(nodes.map((node) => node.cluster("COUNTKEYSINSLOT", slot)));
  const at = counts.findIndex((count) => Number(count) > 0);
  const [from, to] = [nodes[at], nodes[(at + 1) % nodes.length]] as [Redis, Redis];
  const [fromId, toId] = [String(await from.cluster("MYID")), String(await to.cluster("MYID"))];
  return {
    async begin() {
      await to.cluster("SETSLOT", slot, "IMPORTING", fromId);
      await from.cluster("SETSLOT", slot, "MIGRATING", toId);
    },
    keys: () => from.cluster("GETKEYSINSLOT", slot, 1000),
    async moveKey(key: string) {
      const { host = "", port = 0 } = to.options;
      await from.migrate(host, port, key, 0, 5000);
    },
    async end() {
      for (const node of [to, ...nodes.filter((other) => other !== to)])
        await node.cluster("SETSLOT", slot, "NODE", toId);
    },
  };
}

/** Enqueues until it is told to stop, and tells what became of each call. */
function produce(name: string, store: BaseStorage, acknowledged: Set<string>, errors: Error[]) {
  let more = true;
  const done = (async () => {
    for (let n = 0; more; n++) {
      const id = `${name}-${n}`;
      await enqueueOne(store, { id, priority: n % 3 }).then(
        () => acknowledged.add(id),
        (error: Error) => errors.push(error),
      );
    }
  })();
  return {
    stop: () => {
      more = false;
      return done;
    },
  };
}

describe("the slot of a prefix that moves while tasks are enqueued", () => {
  it.each([
    ["first", (key: string) => (key.endsWith("}:meta") ? 0 : 1)],
    ["last", (key: string) => (key.endsWith("}:meta") ? 1 : 0)],
  ])("takes all of them along, `meta` %s, and refuses what it cannot take yet", async (_name, rank) => {
    const url = await sharedCluster();
    const client = new Cluster([url]);
    atEnd(async () => client.disconnect());
    const stores = [await place.store({ url, cluster: true }), await place.store({ client })] as const;
    const acknowledged = new Set<string>();
    for (let n = 0; n < 300; n++) acknowledged.add(await enqueueOne(stores[1]));
    const move = await moveOf(client, place.prefix);

    const refusals: Error[][] = [[], []];
    const producers = stores.map((store, index) =>
      produce(`p${index}`, store, acknowledged, refusals[index] as Error[]),
    );
    atEnd(() => Promise.all(producers.map((producer) => producer.stop())));
    const [before, deadline] = [acknowledged.size, { timeout: 20_000 }];
    await vi.waitFor(() => assert.ok(acknowledged.size > before + 20), deadline);
    await move.begin();
    const keys = await move.keys();
    for (const key of keys.toSorted((a, b) => rank(a) - rank(b))) {
      await move.moveKey(key);
      await delay(20);
    }
    await refused(stores[0].pauseQueue("default"), "slot_moving", true);
    await vi.waitFor(() => assert.ok(refusals.every(({ length }) => length > 0)), deadline);
    const during = acknowledged.size;
    await move.end();
    await vi.waitFor(() => assert.ok(acknowledged.size > during + 20), deadline);
    for (const producer of producers) await producer.stop();

    for (const error of refusals.flat()) await refused(Promise.reject(error), "slot_moving", true);
    const claimed: string[] = [];
    for (;;) {
      const tasks = await claim(stores[0], 1000);
      if (tasks.length === 0) break;
      claimed.push(...tasks.map(({ record }) => record.id));
    }
    assert.deepEqual(claimed.toSorted(), [...acknowledged].toSorted());
    await stores[0].destroy();
  });
});
