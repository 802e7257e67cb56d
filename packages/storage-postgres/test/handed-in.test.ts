import assert from "node:assert/strict";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { Kysely, PostgresDialect } from "kysely";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("LIF-4: a pool of the application's own", () => {
  it("is used as it is, and stays open", async () => {
    const pool = place.pool({ max: 2 });
    const listeners = pool.listenerCount("error");
    const store = place.store({ pool });
    const id = await enqueueOne(store, { payload: { to: "Ada" } });
    for (const task of await claim(store)) await complete(store, task);
    assert.deepEqual((await store.getTask(id))?.payload, { to: "Ada" });
    await store.close();
    await store.close();
    assert.equal(pool.listenerCount("error"), listeners);
    const { rows } = await pool.query(
      `select status, show from ${place.schema}.tasks, current_setting('statement_timeout') show`,
    );
    assert.deepEqual(rows, [{ status: "SUCCESS", show: "0" }]);
    await assert.rejects(store.getTask(id), { code: "closed" });
  });

  it("keeps what is not OmniQ's when the store is destroyed", async () => {
    await place.sql(`create schema ${place.schema}`);
    await place.sql(`create table ${place.schema}.notes (note text)`);
    const store = place.store({ pool: place.pool() });
    await enqueueOne(store);
    await store.destroy();
    const left = await place.sql("select relname from pg_class where relnamespace = to_regnamespace($1)", [
      place.schema,
    ]);
    assert.deepEqual(left, [{ relname: "notes" }]);
  });

  it("leaves no schema behind that the store made itself", async () => {
    const store = place.store();
    await enqueueOne(store);
    await store.destroy();
    assert.deepEqual(await place.sql("select to_regnamespace($1) as found", [place.schema]), [
      { found: null },
    ]);
    assert.deepEqual(
      await place.sql("select from pg_proc where pronamespace = to_regnamespace($1)", [place.schema]),
      [],
    );
    await enqueueOne(place.store());
  });
});

describe("a Kysely of the application's own", () => {
  it("does all that a pool does, and stays open", async () => {
    const kysely = new Kysely<Record<string, never>>({
      dialect: new PostgresDialect({ pool: place.pool() }),
    });
    place.defer(() => kysely.destroy());
    const store = place.store({ kysely, events: "all" });
    assert.equal(store.capabilities.wakeup, false);
    const groups = [
      [
        { name: "work", id: "a" },
        { name: "work", id: "b" },
      ],
      [{ name: "work", id: "c" }],
    ];
    await store.enqueue({ groups });
    await store.enqueue({
      groups: [
        [
          { name: "other", id: "a" },
          { name: "work", id: "d" },
        ],
      ],
    });
    for (const task of await claim(store)) assert.equal((await complete(store, task)).status, "settled");
    assert.deepEqual(await store.countTasks(), [{ queue: "default", status: "SUCCESS", count: 3 }]);
    const found = await store.getTask("a");
    assert.ok(found?.createdAt instanceof Date && found.finishedAt instanceof Date);
    assert.equal((await store.getResult("a"))?.value, 1);
    const { events } = await store.queryEvents({ taskId: "a" });
    assert.deepEqual(
      events.map(({ type }) => type),
      ["enqueued", "started", "completed"],
    );
    assert.equal((await store.nextDue()).at, null);
    assert.equal(await store.purge({ before: Date.now() + 1000 }), 3);
    await store.close();
    assert.equal(
      (
        await kysely
          .withSchema(place.schema)
          .selectFrom("queues" as never)
          .selectAll()
          .execute()
      ).length,
      1,
    );
  });
});
