import assert from "node:assert/strict";
import { useChildren } from "@omniq/test-support/children";
import { claim, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();
const start = useChildren(new URL("fixtures/", import.meta.url));

describe("the tables of a new database", () => {
  it("have the columns that the contract names", async () => {
    await place.store().open();
    const database = place.handle();
    const columns = (table: string): string[] =>
      (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
    assert.equal(
      columns("tasks").join(" "),
      "seq id name queue priority payload format status schedule schedule_version eta " +
        "max_retries timeout policies headers concurrency_key dedupe_key content_digest run " +
        "attempts failures recoveries error holds progress created_at updated_at last_attempt_at " +
        "finished_at worker_id lease_until revision token settled_token settled_digest",
    );
    assert.equal(
      columns("results").join(" "),
      "task_id run status value format error attempts started_at finished_at expires_at pending_token",
    );
    assert.equal(columns("events").join(" "), "seq task_id type timestamp run attempt worker_id data");
    assert.equal(columns("queues").join(" "), "name paused");
    assert.equal(columns("omniq_meta").join(" "), "key value");
  });

  it("are left alone by the next opening", async () => {
    await place.store().open();
    const database = place.handle();
    const schema = database.prepare("select sql from sqlite_master").all();
    const written = database.pragma("data_version", { simple: true });
    await place.store().open();
    assert.deepEqual(database.prepare("select sql from sqlite_master").all(), schema);
    assert.equal(database.pragma("data_version", { simple: true }), written);
  });
});

describe("LIF-1: an empty place", () => {
  it("is opened by eight processes at once", async () => {
    const ids = ["1", "2", "3", "4", "5", "6", "7", "8"];
    const programs = ids.map((id) => start("open-together", place.path, id));
    for (const program of programs) assert.equal(await program.receive(), "ready");
    for (const program of programs) program.send("go");
    for (const program of programs) assert.equal(await program.receive(), "created");
    for (const { exited } of programs) assert.deepEqual(await exited, { code: 0, signal: null });
    const found = await claim(place.store());
    assert.deepEqual(found.map(({ record }) => record.id).toSorted(), ids);
  });
});

describe("a process that is killed in the middle of a transaction", () => {
  it.each(['create table "results"', 'create index "events_by_time"', 'insert into "omniq_meta"'])(
    "that makes the tables, at %s, leaves a place that opens",
    async (statement) => {
      assert.deepEqual(await start("die-within", place.path, statement).exited, {
        code: null,
        signal: "SIGKILL",
      });
      assert.deepEqual(place.handle().prepare("select name from sqlite_master").all(), []);
      const store = place.store();
      const id = await enqueueOne(store);
      assert.equal((await claim(store))[0]?.record.id, id);
    },
  );

  it("that stores tasks leaves none of them", async () => {
    assert.deepEqual(await start("die-within", place.path, "enqueue").exited, {
      code: null,
      signal: "SIGKILL",
    });
    const store = place.store();
    assert.deepEqual(await store.countTasks(), []);
    assert.deepEqual(await store.listQueues(), []);
    await enqueueOne(store, { id: "a" });
    assert.equal(place.handle().pragma("integrity_check", { simple: true }), "ok");
  });
});
