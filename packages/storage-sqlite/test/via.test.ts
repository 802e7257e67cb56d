import assert from "node:assert/strict";
import { join } from "node:path";
import { TaskQueue, defineTask, silentLogger } from "@omniq/core";
import { claim } from "@omniq/test-support/steps";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect, type Transaction } from "kysely";
import { beforeEach, describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

interface Shop {
  orders: { item: string };
}

const place = usePlace();
const pack = defineTask({ name: "pack", run: async (payload: { item: string }) => payload.item });

/** A queue over a store, and the application's own table in the same file. */
interface App {
  readonly queue: TaskQueue;
  readonly shop: Database.Database;
  readonly kysely: Kysely<Shop>;
}

let app: App;
beforeEach(async () => {
  const storage = place.store();
  await storage.open();
  const shop = place.handle();
  shop.exec("create table orders (item text)");
  const kysely = new Kysely<Shop>({ dialect: new SqliteDialect({ database: place.handle() }) });
  app = { queue: new TaskQueue({ storage, tasks: [pack], logger: silentLogger }), shop, kysely };
});

function orders(): unknown[] {
  return app.shop.prepare("select item from orders").pluck().all();
}

async function tasks(): Promise<unknown[]> {
  const { tasks: listed } = await app.queue.storage.listTasks();
  return listed.map(({ payload }) => JSON.parse(payload).item);
}

describe("a task enqueued in a transaction of better-sqlite3", () => {
  it("is there with what else it writes", async () => {
    // Such a transaction must not return a promise.
    const order = app.shop.transaction((item: string) => {
      app.shop.prepare("insert into orders values (?)").run(item);
      return { enqueued: app.queue.enqueue(pack, { item }, { via: app.shop }) };
    });
    const id = await order("tea").enqueued;
    assert.deepEqual([orders(), await tasks()], [["tea"], ["tea"]]);
    assert.equal((await app.queue.getTask(id))?.status, "PENDING");
  });

  it("is not there where it is rolled back", async () => {
    const enqueued: Promise<string>[] = [];
    const order = app.shop.transaction((item: string) => {
      app.shop.prepare("insert into orders values (?)").run(item);
      enqueued.push(app.queue.enqueue(pack, { item }, { via: app.shop }));
      throw new Error("no tea left");
    });
    assert.throws(() => order("tea"), { message: "no tea left" });
    await Promise.all(enqueued);
    assert.deepEqual([orders(), await tasks()], [[], []]);
  });

  it("may be awaited between BEGIN and COMMIT, together with others", async () => {
    app.shop.exec("begin immediate; insert into orders values ('tea')");
    await app.queue.enqueueMany(
      ["tea", "cups"].map((item) => ({ task: pack, payload: { item } })),
      { via: app.shop },
    );
    assert.deepEqual(await tasks(), []);
    app.shop.exec("commit");
    assert.deepEqual([orders(), await tasks()], [["tea"], ["tea", "cups"]]);
  });

  it("wakes workers once it has committed", async () => {
    const elsewhere = place.store();
    const found = Promise.withResolvers<number>();
    await elsewhere.watch(() => {
      void claim(elsewhere).then(({ length }) => {
        if (length > 0) found.resolve(length);
      });
    });
    app.shop.exec("begin immediate");
    await app.queue.enqueue(pack, { item: "tea" }, { via: app.shop });
    app.shop.exec("commit");
    assert.equal(await found.promise, 1);
  });
});

describe("a task enqueued in a transaction of Kysely", () => {
  const order = (fail: boolean): Promise<string> =>
    app.kysely.transaction().execute(async (via: Transaction<Shop>) => {
      await via.insertInto("orders").values({ item: "tea" }).execute();
      const id = await app.queue.enqueue(pack, { item: "tea" }, { via });
      if (fail) throw new Error("no tea left");
      return id;
    });

  it("is there with what else it writes", async () => {
    const id = await order(false);
    assert.deepEqual(orders(), ["tea"]);
    assert.equal((await app.queue.getTask(id))?.status, "PENDING");
  });

  it("is not there where it is rolled back", async () => {
    await assert.rejects(order(true), { message: "no tea left" });
    assert.deepEqual([orders(), await tasks()], [[], []]);
  });

  it("wakes workers once it has committed", async () => {
    const elsewhere = place.store();
    const found = Promise.withResolvers<number>();
    await elsewhere.watch(() => {
      void claim(elsewhere).then(({ length }) => {
        if (length > 0) found.resolve(length);
      });
    });
    await order(false);
    assert.equal(await found.promise, 1);
  });
});

describe("a transaction that is refused a task", () => {
  it("goes on without it", async () => {
    await app.queue.enqueue(pack, { item: "tea" }, { id: "one" });
    app.shop.exec("begin immediate; insert into orders values ('cups')");
    const items = [
      { task: pack, payload: { item: "milk" } },
      { task: pack, payload: { item: "cups" }, options: { id: "one" } },
    ];
    await assert.rejects(app.queue.enqueueMany(items, { via: app.shop }), { code: "duplicate_task" });
    await app.queue.enqueue(pack, { item: "sugar" }, { via: app.shop });
    app.shop.exec("commit");
    assert.deepEqual([orders(), await tasks()], [["cups"], ["tea", "sugar"]]);
  });

  it.each([
    ["none", () => app.shop, "no_transaction"],
    ["Kysely outside of one", () => app.kysely, "no_transaction"],
    ["something else", () => ({}), "invalid_via"],
    ["a path", () => place.path as unknown as object, "invalid_via"],
  ])("is told of: %s", async (_what, via, code) => {
    await assert.rejects(app.queue.enqueue(pack, { item: "tea" }, { via: via() }), { code });
    assert.deepEqual(await tasks(), []);
  });

  it("is told where it is one of another file, whether that has a store or not", async () => {
    const other = new Database(join(place.folder, "other.db"));
    other.exec("begin immediate");
    const enqueue = (): Promise<string> => app.queue.enqueue(pack, { item: "tea" }, { via: other });
    await assert.rejects(enqueue(), { code: "wrong_database" });
    other.exec("rollback");
    await place.store({ path: other.name }).open();
    other.exec("begin immediate");
    await assert.rejects(enqueue(), { code: "wrong_database" });
    assert.equal(other.inTransaction, true);
    other.close();
    assert.deepEqual(await tasks(), []);
  });

  it("is told to open the store first, where it ended before that was done", async () => {
    const storage = place.store();
    const queue = new TaskQueue({ storage, tasks: [pack], logger: silentLogger });
    const order = app.shop.transaction(() => ({
      enqueued: queue.enqueue(pack, { item: "tea" }, { via: app.shop }),
    }));
    await assert.rejects(order().enqueued, { code: "no_transaction", message: /`await storage\.open\(\)`/ });
    assert.deepEqual(await tasks(), []);
    await queue.enqueue(pack, { item: "milk" });
    await order().enqueued;
    assert.deepEqual(await tasks(), ["milk", "tea"]);
  });

  it("is told where it ended before the payload had been checked", async () => {
    const validate = async (value: unknown): Promise<{ value: unknown }> => ({ value });
    const slow = defineTask({
      name: "slow",
      input: { "~standard": { version: 1, vendor: "test", validate } },
      run: async () => {},
    });
    app.queue.register(slow);
    const order = app.shop.transaction(() => ({ enqueued: app.queue.enqueue(slow, 1, { via: app.shop }) }));
    await assert.rejects(order().enqueued, { code: "no_transaction" });
  });
});
