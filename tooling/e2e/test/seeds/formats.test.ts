import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { StorageError, TaskError, defineTask } from "@omniq/core";
import { useChildren } from "@omniq/test-support/children";
import { describe, it } from "vitest";
import { DURABLE_STORES, Rig, STORES } from "../../src/rig.ts";

const start = useChildren(new URL("../../fixtures/", import.meta.url));

const task = defineTask({ name: "task", run: (value: unknown) => value });

describe.each(DURABLE_STORES)("seeds 003 and 004: stored formats of %s", (store) => {
  it("S3.14 S4.73 what an earlier format has written loads: tasks without an error have none, and run", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const fixtures = rig.place.format?.fixtures ?? [];
    assert.ok(fixtures.length > 0);
    for (const fixture of fixtures) {
      await fixture.load();
      const old = rig.connect();
      const { tasks } = await old.listTasks({ limit: 1000 });
      assert.ok(tasks.length > 0, fixture.name);
      for (const { id } of tasks) {
        const read = await old.getTask(id);
        assert.ok(read && (read.error === null || read.error instanceof TaskError));
      }
      await old.close();
    }
  });

  it("S3.19 a store of a newer version is refused, and nothing in it is changed", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    await rig.queue.enqueue(task, 1);
    await rig.storage.close();
    const { format } = rig.place;
    assert.ok(format);
    await format.makeNewer();
    const before = await format.contents();
    await assert.rejects(rig.connect().open(), (error) => {
      assert.ok(error instanceof StorageError);
      assert.equal(error.code, "schema_too_new");
      return true;
    });
    assert.equal(await format.contents(), before);
  });
});

describe.each(STORES)("seed 001: instants on %s", (store) => {
  it("S1.4 are milliseconds since the epoch, UTC, whatever the zone of the process", async () => {
    const zone = process.env["TZ"];
    const rig = await Rig.open(store, { tasks: [task] });
    const eta = new Date("2026-07-01T12:00:00.123Z");
    const seen: string[] = [];
    try {
      for (const TZ of ["UTC", "America/New_York", "Asia/Kathmandu"]) {
        process.env["TZ"] = TZ;
        const id = await rig.queue.enqueue(task, TZ, { eta });
        const { tasks } = await rig.storage.listTasks();
        const stored = tasks.find((one) => one.id === id);
        assert.equal(stored?.eta, eta.getTime());
        seen.push((await rig.queue.getTask(id))?.schedule.eta.toISOString() ?? "");
      }
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
    assert.deepEqual(new Set(seen), new Set([eta.toISOString()]));
  });
});

describe.each(DURABLE_STORES)("seed 001: processes on %s", (store) => {
  it("S1.10 two processes reschedule one task 200 times each: no task is lost, none torn", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const id = await rig.queue.enqueue(task, { text: "ä".repeat(100) });
    const exits = [0, 1].map((index) => {
      const config = JSON.stringify(rig.place.config);
      return start("reschedule", store, config, id, String(index), String(rig.clock.now())).exited;
    });
    assert.deepEqual(
      (await Promise.all(exits)).map(({ code }) => code),
      [0, 0],
    );
    const { tasks } = await rig.queue.listTasks();
    assert.equal(tasks.length, 1);
    const [left] = tasks;
    assert.deepEqual([left?.id, left?.status, left?.payload], [id, "PENDING", { text: "ä".repeat(100) }]);
    const offset = (left?.schedule.eta.getTime() ?? 0) - rig.clock.now();
    assert.ok([199_000, 1_199_000].includes(offset), `the last of either process, and not ${offset}`);
  });
});

describe("seeds 000 and 003: the tables of SQLite", () => {
  async function withDatabase(): Promise<{ readonly rig: Rig; readonly database: DatabaseSync }> {
    const rig = await Rig.open("sqlite", { tasks: [task] });
    await rig.storage.open();
    return { rig, database: new DatabaseSync(rig.place.config as string) };
  }

  it("S0.3 tasks have a column for each fact of the seed, and a task's row has the values", async () => {
    const { rig, database } = await withDatabase();
    const columns = database
      .prepare("PRAGMA table_info(tasks)")
      .all()
      .map(({ name }) => name);
    for (const column of [
      "id",
      "name",
      "payload",
      "status",
      "schedule",
      "eta",
      "max_retries",
      "timeout",
      "attempts",
      "created_at",
      "updated_at",
      "last_attempt_at",
    ]) {
      assert.ok(columns.includes(column), column);
    }
    const id = await rig.queue.enqueue(task, [1], { timeout: "2s", maxRetries: 5 });
    const row = database
      .prepare("SELECT name, payload, status, eta, max_retries, timeout, attempts FROM tasks WHERE id = ?")
      .get(id);
    assert.deepEqual(
      { ...row },
      {
        name: "task",
        payload: "[1]",
        status: "PENDING",
        eta: rig.clock.now(),
        max_retries: 5,
        timeout: 2000,
        attempts: 0,
      },
    );
    database.close();
  });

  it("S0.4 reschedule sets status, eta and updated_at in one step; one that the database aborts changes nothing", async () => {
    const { rig, database } = await withDatabase();
    const id = await rig.queue.enqueue(task, 1, { maxRetries: 0 });
    await rig.queue.dequeue({ limit: 1, workerId: "w", leaseMs: 1000 });
    await rig.clock.advance(5000);
    const eta = new Date(rig.clock.now() + 60_000);
    await rig.queue.reschedule(id, eta);
    const select = database.prepare("SELECT status, eta, updated_at FROM tasks WHERE id = ?");
    const expected = { status: "PENDING", eta: eta.getTime(), updated_at: rig.clock.now() };
    assert.deepEqual({ ...select.get(id) }, expected);
    assert.deepEqual((await rig.queue.getTask(id))?.schedule.eta, eta);
    database.exec(
      "CREATE TRIGGER no BEFORE UPDATE ON tasks BEGIN SELECT RAISE(ABORT, 'no more changes'); END",
    );
    await assert.rejects(rig.queue.reschedule(id, new Date(rig.clock.now())), (error) => {
      assert.ok(error instanceof StorageError);
      assert.match(error.message, new RegExp(id));
      return true;
    });
    assert.deepEqual({ ...select.get(id) }, expected);
    database.close();
  });

  it("S3.19 a column that an earlier or later release adds is ignored", async () => {
    const { rig, database } = await withDatabase();
    const id = await rig.queue.enqueue(task, 1);
    database.exec("ALTER TABLE tasks ADD COLUMN colour TEXT");
    database.close();
    const other = rig.connect();
    assert.equal((await other.getTask(id))?.payload, 1);
    await other.close();
  });
});
