import assert from "node:assert/strict";
import type { RedisStorage } from "@omniq/storage-redis";
import { claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { useServers } from "./support/servers-of-ones-own.ts";

const place = usePlace();
const { start, clientTo } = useServers();

const EVENT = { taskId: "a", type: "failed" as const, run: 1, attempt: 1, workerId: null, data: null };

/** What may write into a store that keeps nothing. */
const WRITERS: readonly [name: string, write: (store: RedisStorage) => Promise<unknown>][] = [
  ["a task", (store) => enqueueOne(store)],
  ["several tasks", (store) => store.enqueue({ groups: [[{ name: "work" }, { name: "work" }]] })],
  ["an event", (store) => store.appendEvents([EVENT])],
  ["a result", (store) => store.putResult({ taskId: "a", run: 1, status: "SUCCESS" })],
  ["a paused queue", (store) => store.pauseQueue("default")],
];

describe("a store that was emptied under a running instance", () => {
  it.each(WRITERS)("is known as a store again once %s is written", async (_name, write) => {
    const server = await start();
    const store = await place.store({ url: server.url });
    await enqueueOne(store);
    await clientTo(server).flushall();
    await write(store);
    await (await place.store({ url: server.url })).open();
  });

  it("has what one instance enqueues claimed by one that opens later", async () => {
    const server = await start();
    const store = await place.store({ url: server.url });
    for (let n = 0; n < 3; n++) await enqueueOne(store);
    await clientTo(server).flushall();
    const id = await enqueueOne(store);
    const later = await place.store({ url: server.url });
    const task = await claimOne(later);
    assert.equal(task.record.id, id);
    assert.equal((await complete(later, task)).status, "settled");
  });

  it("may have been destroyed by another instance", async () => {
    const store = await place.store();
    for (let n = 0; n < 3; n++) await enqueueOne(store);
    await (await place.store()).destroy();
    const id = await enqueueOne(store);
    assert.equal((await claimOne(await place.store())).record.id, id);
  });
});
