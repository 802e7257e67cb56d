import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { type Child, useChildren } from "@omniq/test-support/children";
import { enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { escaped } from "./support/escaped.ts";
import { usePlace } from "./support/place.ts";

const place = usePlace();
const start = useChildren(new URL("fixtures/", import.meta.url));

/** A process that holds the write lock. */
async function lockHolder(): Promise<Child> {
  const holder = start("hold-lock", place.path);
  assert.equal(await holder.receive(), "held");
  return holder;
}

describe("while another process holds the lock", () => {
  it("a write waits, and is made once the lock is free", async () => {
    const store = place.store({ lockTimeout: "50s" });
    await store.open();
    const holder = await lockHolder();
    let done = false;
    const written = enqueueOne(store, { id: "waiting" }).then(() => (done = true));
    for (let turns = 0; turns < 1000; turns++) await turn();
    assert.equal(done, false);
    holder.send("release");
    await written;
    assert.equal((await store.getTask("waiting"))?.status, "PENDING");
  });

  it("opening a new file waits too", async () => {
    const holder = await lockHolder();
    let done = false;
    const opened = place
      .store({ lockTimeout: "50s" })
      .open()
      .then(() => (done = true));
    for (let turns = 0; turns < 1000; turns++) await turn();
    assert.equal(done, false);
    holder.send("release");
    await opened;
  });

  it("opening a file that needs no migration does not wait", async () => {
    await place.store().open();
    await lockHolder();
    const second = place.store({ lockTimeout: "20ms" });
    await second.open();
    assert.equal((await second.listTasks()).tasks.length, 0);
  });

  it("reads go on", async () => {
    const store = place.store();
    const id = await enqueueOne(store);
    await lockHolder();
    assert.equal((await store.getTask(id))?.status, "PENDING");
    assert.equal((await store.listTasks()).tasks.length, 1);
  });

  it("a call gives up after its time, and says that it may be made again", async () => {
    const store = place.store({ lockTimeout: "20ms" });
    await store.open();
    const holder = await lockHolder();
    await assert.rejects(enqueueOne(store, { id: "late" }), {
      name: "StorageError",
      code: "busy",
      message: new RegExp(
        `^${escaped(place.path)} was locked by another process all the time\\. Call again later\\.`,
      ),
      retryable: true,
      outcome: "not-applied",
    });
    assert.equal(await store.getTask("late"), null);
    holder.send("release");
    await holder.exited;
    await enqueueOne(store, { id: "late" });
  });

  it("the event loop turns", async () => {
    const store = place.store({ lockTimeout: "300ms" });
    await store.open();
    await lockHolder();
    let turns = 0;
    let done = false;
    const call = enqueueOne(store).finally(() => (done = true));
    const counted = (async () => {
      while (!done) {
        await turn();
        turns++;
      }
    })();
    await assert.rejects(call, { code: "busy" });
    await counted;
    // A wait inside SQLite would leave a handful: it gives the loop back only when it ends.
    assert.ok(turns > 100, `${turns} turns`);
  });
});
