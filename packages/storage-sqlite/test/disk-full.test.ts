import assert from "node:assert/strict";
import { claim, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { escaped } from "./support/escaped.ts";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("a full disk", () => {
  // SQLite's own bound on the size of a file fails just as a disk without room does, at the same places.
  it("refuses what has no room, keeps what there is, and is no lasting harm", async () => {
    const database = place.handle();
    database.pragma("journal_mode = WAL");
    const store = place.store({ database });
    const kept = await enqueueOne(store, { queue: "first" });
    const pages = database.pragma("page_count", { simple: true }) as number;
    database.pragma(`max_page_count = ${pages + 2}`);

    const group = ["a", "b", "c"].map((id) => ({
      id,
      name: "work",
      queue: "second",
      payload: "x".repeat(20_000),
    }));
    for (let tries = 0; tries < 3; tries++) {
      await assert.rejects(store.enqueue({ groups: [[{ id: "alone", name: "work" }], group] }), {
        name: "StorageError",
        code: "disk_full",
        message: new RegExp(
          `^There is no room left for ${escaped(place.path)}\\. Free some, and call again\\.`,
        ),
        retryable: true,
        outcome: "not-applied",
      });
    }
    assert.equal(database.inTransaction, false);
    assert.deepEqual(await store.countTasks(), [{ queue: "first", status: "PENDING", count: 1 }]);
    assert.deepEqual(await store.listQueues(), [{ name: "first", paused: false }]);
    const [held] = await claim(store);
    assert.equal(held?.record.id, kept);

    // A result that has no room leaves its task with the holder, who may settle it later.
    const settlements = [{ task: held, outcome: { kind: "complete", result: "x".repeat(50_000) } as const }];
    await assert.rejects(store.settle({ settlements }), { code: "disk_full" });
    assert.equal((await store.getTask(kept))?.status, "RUNNING");
    assert.equal(await store.getResult(kept), null);

    database.pragma("max_page_count = 1000000");
    assert.equal((await store.settle({ settlements })).answers[0]?.status, "settled");
    const { groups } = await store.enqueue({ groups: [group] });
    assert.deepEqual(
      groups[0],
      ["a", "b", "c"].map((id) => ({ status: "created", id })),
    );
    assert.equal(database.pragma("integrity_check", { simple: true }), "ok");
  });
});
