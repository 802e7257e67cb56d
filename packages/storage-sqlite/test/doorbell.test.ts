import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { useChildren } from "@omniq/test-support/children";
import { claimOne, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();
const start = useChildren(new URL("fixtures/", import.meta.url));

describe("a hint that something may be due", () => {
  it("reaches another process, which ends by itself once its store is closed", async () => {
    const listener = start("listen", place.path);
    assert.equal(await listener.receive(), "listening");
    await enqueueOne(place.store());
    assert.equal(await listener.receive(), "hint");
    listener.send("close");
    assert.deepEqual(await listener.exited, { code: 0, signal: null });
  });

  it("reaches another store of the same process", async () => {
    const hinted = Promise.withResolvers<void>();
    await place.store().watch(() => hinted.resolve());
    await enqueueOne(place.store());
    await hinted.promise;
  });

  it("reaches the store itself at once", async () => {
    const store = place.store();
    let hints = 0;
    await store.watch(() => hints++);
    await enqueueOne(store);
    assert.ok(hints > 0);
  });

  it("is told for a task that becomes due by an operator's hand too", async () => {
    const store = place.store();
    const id = await enqueueOne(store, { due: { inMs: 3_600_000 } });
    const hinted = Promise.withResolvers<void>();
    await place.store().watch(() => hinted.resolve());
    await store.reschedule(id, new Date(0));
    await hinted.promise;
  });

  it("is told for a task that the end of another brings", async () => {
    const store = place.store();
    await enqueueOne(store);
    const task = await claimOne(store);
    const hinted = Promise.withResolvers<void>();
    await place.store().watch(() => hinted.resolve());
    await store.settle({
      settlements: [{ task, outcome: { kind: "complete" }, enqueue: [{ name: "next" }] }],
    });
    await hinted.promise;
  });

  it("that cannot be given fails no call", async () => {
    const store = place.store({ path: ":memory:" });
    const watch = await store.watch(() => {});
    await enqueueOne(store);
    await watch.close();
  });

  it("leaves a file beside the database, which goes when the store is destroyed", async () => {
    const store = place.store();
    await enqueueOne(store);
    assert.ok(existsSync(`${place.path}-wake`));
    await store.destroy();
    assert.ok(!existsSync(`${place.path}-wake`));
  });
});
