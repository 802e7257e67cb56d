import assert from "node:assert/strict";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

const SETTINGS = [
  "journal_mode",
  "synchronous",
  "busy_timeout",
  "foreign_keys",
  "wal_autocheckpoint",
  "cache_size",
];

describe("LIF-4: a handle of the application's own", () => {
  it("is used as it is, and stays open", async () => {
    const database = place.handle({ timeout: 1234 });
    const settings = (): unknown => SETTINGS.map((name) => database.pragma(name, { simple: true }));
    const before = settings();
    const store = place.store({ database });
    const id = await enqueueOne(store, { payload: { to: "Ada" } });
    for (const task of await claim(store)) await complete(store, task);
    assert.deepEqual((await store.getTask(id))?.payload, { to: "Ada" });
    assert.deepEqual(settings(), before);
    assert.equal(store.path, place.path);

    await store.close();
    await store.close();
    assert.equal(database.open, true);
    assert.deepEqual(database.prepare("select status from tasks").pluck().all(), ["SUCCESS"]);
    await assert.rejects(store.getTask(id), { code: "closed" });
  });

  it("may answer in BigInts elsewhere", async () => {
    const database = place.handle();
    database.defaultSafeIntegers(true);
    const store = place.store({ database });
    const id = await enqueueOne(store, { priority: 3 });
    const [task] = await claim(store);
    assert.ok(task);
    assert.equal(task.record.priority, 3);
    assert.equal((await complete(store, task)).status, "settled");
    assert.equal((await store.getTask(id))?.run, 1);
    assert.deepEqual(await store.countTasks(), [{ queue: "default", status: "SUCCESS", count: 1 }]);
    assert.deepEqual(database.prepare("select priority from tasks").pluck().all(), [3n]);
  });

  it("keeps the tables that are not OmniQ's when the store is destroyed", async () => {
    const database = place.handle();
    database.exec("create table notes (note text); insert into notes values ('mine')");
    const store = place.store({ database });
    await enqueueOne(store);
    await store.destroy();
    assert.equal(database.open, true);
    assert.deepEqual(
      database.prepare("select name from sqlite_master where name not like 'sqlite_%'").pluck().all(),
      ["notes"],
    );
    assert.deepEqual(database.prepare("select note from notes").pluck().all(), ["mine"]);
  });

  it("may be of a database in memory", async () => {
    const store = place.store({ database: place.handle() });
    await enqueueOne(store);
    assert.equal((await store.countTasks()).length, 1);
  });

  it("that is closed under the store fails its calls, and not its close", async () => {
    const database = place.handle();
    const store = place.store({ database });
    await enqueueOne(store);
    database.close();
    await assert.rejects(enqueueOne(store), { name: "StorageError", code: "storage_failure" });
    await store.close();
  });
});

describe("a file that the store itself opened", () => {
  it("keeps the tables that are not OmniQ's when the store is destroyed", async () => {
    const database = place.handle();
    database.exec("create table notes (note text)");
    const store = place.store();
    await enqueueOne(store);
    await store.destroy();
    assert.deepEqual(
      database.prepare("select name from sqlite_master where name not like 'sqlite_%'").pluck().all(),
      ["notes"],
    );
    await enqueueOne(place.store());
  });
});
