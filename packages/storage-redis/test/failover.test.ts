import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import type { RedisServer } from "@omniq/services";
import { claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";
import { refused, useServers } from "./support/servers-of-ones-own.ts";

const place = usePlace();
const { start, clientTo, atEnd } = useServers();

/** One address before several servers. Who is connected stays where it is when new connections go to another server. */
async function addressOf(first: RedisServer) {
  const sockets = new Set<Socket>();
  let target = first;
  let connections = 0;
  const proxy = createServer((near) => {
    connections++;
    const far = connect(target.port, target.host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => other.destroy());
      socket.pipe(other);
    }
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return {
    url: `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    connections: () => connections,
    pointTo(server: RedisServer) {
      target = server;
    },
  };
}

/** A master and its replica, in step. */
async function pair(): Promise<readonly [RedisServer, RedisServer]> {
  const master = await start({ args: ["--repl-diskless-sync-delay", "0"] });
  const replica = await start({ args: ["--replicaof", `${master.host} ${master.port}`] });
  const inStep = async (): Promise<void> =>
    assert.match(await clientTo(replica).info("replication"), /master_link_status:up/);
  await vi.waitFor(inStep, { timeout: 20_000, interval: 100 });
  return [master, replica];
}

describe("a failover behind one address", () => {
  it("refuses one call, and has the next ones find the new master", async () => {
    const [master, replica] = await pair();
    const address = await addressOf(master);
    const store = await place.store({ url: address.url });
    const id = await enqueueOne(store);
    await clientTo(master).wait(1, 5000);

    address.pointTo(replica);
    await clientTo(replica).replicaof("NO", "ONE");
    await clientTo(master).replicaof(replica.host, replica.port);
    await refused(enqueueOne(store), "read_only", true);
    await enqueueOne(store);
    const task = await claimOne(store);
    assert.equal(task.record.id, id);
    assert.equal((await complete(store, task)).status, "settled");
    assert.equal(await clientTo(replica).hlen(`{${place.prefix}}:tasks`), 2);
  });

  it("that has not come to an end yet costs no more than a connection for each call", async () => {
    const [master, replica] = await pair();
    const address = await addressOf(master);
    const store = await place.store({ url: address.url });
    await enqueueOne(store);
    await clientTo(master).replicaof(replica.host, replica.port);
    const before = address.connections();
    for (let tries = 0; tries < 5; tries++) await refused(enqueueOne(store), "read_only", true);
    const together = Array.from({ length: 20 }, () => enqueueOne(store));
    const results = await Promise.allSettled(together);
    assert.ok(results.every(({ status }) => status === "rejected"));
    assert.ok(address.connections() - before <= 7, `${address.connections() - before} connections`);
  });
});
