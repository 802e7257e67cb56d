import assert from "node:assert/strict";
import { ManualClock } from "@omniq/core/testing";
import { startPgBouncer } from "@omniq/services";
import { useChildren } from "@omniq/test-support/children";
import { claim, claimFrom, enqueueOne } from "@omniq/test-support/steps";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";
import { type Wire, wireTo } from "./support/wire.ts";

const place = usePlace();
const start = useChildren(new URL("fixtures/", import.meta.url));

const TOO_LATE = { name: "StorageError", code: "timeout", retryable: true, outcome: "not-applied" };

/** A wire to the server, and the server as it is seen through it. */
async function wired(): Promise<{ readonly wire: Wire; readonly url: string }> {
  const url = new URL(place.url);
  const wire = await wireTo({ host: url.hostname, port: Number(url.port) });
  place.defer(() => wire.close());
  url.port = String(wire.port);
  return { wire, url: url.href };
}

describe("a network that goes silent after the greeting", () => {
  it("keeps a store from being opened no longer than a call may take, and the same store is opened later", async () => {
    const { wire, url } = await wired();
    wire.onlyGreets = true;
    const store = place.store({ url, timeout: "2s" });
    await assert.rejects(store.open(), TOO_LATE);
    await assert.rejects(enqueueOne(store), TOO_LATE);
    wire.onlyGreets = false;
    await enqueueOne(store);
    const closed = place.store({ url, timeout: "2s" });
    wire.onlyGreets = true;
    const opening = assert.rejects(closed.open(), TOO_LATE);
    await closed.close();
    await opening;
  });

  it("holds none of an open store's connections for ever, and does not keep it from closing", async () => {
    const { wire, url } = await wired();
    const store = place.store({ url, timeout: "2s", connection: { max: 2 } });
    await Promise.all([enqueueOne(store), enqueueOne(store)]);
    wire.onlyGreets = true;
    wire.silence();
    const calls = async (): Promise<unknown[]> =>
      Promise.all(
        [1, 2, 3, 4].map(() => assert.rejects(store.countTasks(), { code: /timeout|unreachable/ })),
      );
    // On the connections that there were; then on new ones.
    await calls();
    await calls();
    wire.onlyGreets = false;
    assert.equal((await store.countTasks())[0]?.count, 2);
    wire.onlyGreets = true;
    wire.silence();
    await calls();
    await store.close();
  });

  it("lets nothing be claimed by a call that reaches the server after it was given up", async () => {
    const { wire, url } = await wired();
    const store = place.store({ url, timeout: "500ms" });
    const id = await enqueueOne(store);
    wire.hold();
    await assert.rejects(claimFrom(store, "default"), { ...TOO_LATE, outcome: "unknown" });
    const givenUp = Date.now();
    await vi.waitFor(() => assert.ok(Date.now() > givenUp + 20));
    await wire.letGo();
    const task = await store.getTask(id);
    assert.deepEqual([task?.status, task?.attempts], ["PENDING", 0]);
    assert.equal((await claim(store)).length, 1);
  });

  it("is told from a clock that is far behind, whose claim brings what is due", async () => {
    const id = await enqueueOne(place.store());
    const behind = place.store({ clock: new ManualClock(0) });
    const tasks = await claim(behind);
    assert.deepEqual(
      tasks.map(({ record }) => record.id),
      [id],
    );
  });

  it("is noticed behind PgBouncer, which greets by itself", async () => {
    const { wire } = await wired();
    const pooler = await startPgBouncer(wire, 1);
    place.defer(() => pooler.stop());
    const options = { url: pooler.url, timeout: "2s" } as const;
    await enqueueOne(place.store(options));
    wire.silence();
    const store = place.store(options);
    await assert.rejects(store.open(), TOO_LATE);
    await enqueueOne(store);
    await store.close();
  });
});

describe("a process whose network is dead", () => {
  it("ends once its store is closed", async () => {
    const { wire, url } = await wired();
    const child = start("close", url, place.schema);
    assert.equal(await child.receive(), "ready");
    wire.silence();
    child.send("close");
    assert.equal(await child.receive(), "closed");
    assert.deepEqual([await child.exited, child.errors], [{ code: 0, signal: null }, ""]);
  });
});
