import assert from "node:assert/strict";
import { TaskQueue, defineTask, silentLogger } from "@omniq/core";
import { claim } from "@omniq/test-support/steps";
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import type { Pool, PoolClient } from "pg";
import { beforeEach, describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

interface Shop {
  orders: { item: string };
}

const place = usePlace();
const pack = defineTask({ name: "pack", run: async (payload: { item: string }) => payload.item });

let queue: TaskQueue;
let pool: Pool;
beforeEach(async () => {
  const storage = place.store();
  await storage.open();
  queue = new TaskQueue({ storage, tasks: [pack], logger: silentLogger });
  pool = place.pool();
  await pool.query(`create table ${place.schema}.orders (item text)`);
});

/** A client of the application's, in a transaction that has an order already. */
async function begin(): Promise<PoolClient> {
  const client = await pool.connect();
  place.defer(() => client.release());
  await client.query("begin");
  await client.query(`insert into ${place.schema}.orders values ('tea')`);
  return client;
}

function isClient(via: object): via is PoolClient {
  return "release" in via;
}

async function orders(): Promise<unknown[]> {
  const { rows } = await pool.query<{ item: string }>(`select item from ${place.schema}.orders`);
  return rows.map(({ item }) => item);
}

async function tasks(): Promise<unknown[]> {
  const { tasks: listed } = await queue.storage.listTasks();
  return listed.map(({ payload }) => JSON.parse(payload).item);
}

/** A store elsewhere that listens; how many tasks it found when it was woken. */
async function listen(): Promise<{ readonly found: Promise<number> }> {
  const elsewhere = place.store();
  const found = Promise.withResolvers<number>();
  await elsewhere.watch(() => {
    void claim(elsewhere).then(({ length }) => {
      if (length > 0) found.resolve(length);
    });
  });
  return { found: found.promise };
}

describe("a task enqueued in a transaction of pg", () => {
  it("is there with what else it writes, and wakes workers", async () => {
    const elsewhere = await listen();
    const via = await begin();
    await queue.enqueueMany(
      ["tea", "cups"].map((item) => ({ task: pack, payload: { item } })),
      { via },
    );
    assert.deepEqual([await orders(), await tasks()], [[], []]);
    await via.query("commit");
    assert.deepEqual([await orders(), await tasks()], [["tea"], ["tea", "cups"]]);
    assert.equal(await elsewhere.found, 2);
  });

  it("is not there where it is rolled back", async () => {
    const via = await begin();
    await queue.enqueue(pack, { item: "tea" }, { via });
    await via.query("rollback");
    assert.deepEqual([await orders(), await tasks()], [[], []]);
  });

  it("is not there where the connection is lost before the commit", async () => {
    const via = await begin();
    via.on("error", () => {});
    await queue.enqueue(pack, { item: "tea" }, { via });
    const { rows } = await via.query<{ pid: number }>("select pg_backend_pid() as pid");
    await place.sql("select pg_terminate_backend($1)", [rows[0]?.pid]);
    await assert.rejects(queue.enqueue(pack, { item: "cups" }, { via }), {
      name: "StorageError",
      retryable: true,
    });
    assert.deepEqual([await orders(), await tasks()], [[], []]);
  });
});

describe("a task enqueued in a transaction of Kysely", () => {
  const order = (fail: boolean): Promise<string> => {
    const kysely = new Kysely<Shop>({ dialect: new PostgresDialect({ pool }) });
    return kysely.transaction().execute(async (via: Transaction<Shop>) => {
      await via.withSchema(place.schema).insertInto("orders").values({ item: "tea" }).execute();
      const id = await queue.enqueue(pack, { item: "tea" }, { via });
      if (fail) throw new Error("no tea left");
      return id;
    });
  };

  it("is there with what else it writes, and wakes workers", async () => {
    const elsewhere = await listen();
    const id = await order(false);
    assert.deepEqual(await orders(), ["tea"]);
    assert.ok(await queue.getTask(id));
    assert.equal(await elsewhere.found, 1);
  });

  it("is not there where it is rolled back", async () => {
    await assert.rejects(order(true), { message: "no tea left" });
    assert.deepEqual([await orders(), await tasks()], [[], []]);
  });
});

describe("a transaction that is refused a task", () => {
  it("goes on without it", async () => {
    await queue.enqueue(pack, { item: "tea" }, { id: "one" });
    const via = await begin();
    const items = [
      { task: pack, payload: { item: "milk" } },
      { task: pack, payload: { item: "cups" }, options: { id: "one" } },
    ];
    await assert.rejects(queue.enqueueMany(items, { via }), { code: "duplicate_task" });
    await queue.enqueue(pack, { item: "sugar" }, { via });
    await via.query("commit");
    assert.deepEqual([await orders(), await tasks()], [["tea"], ["tea", "sugar"]]);
  });

  it.each([
    ["a pool", () => pool, "invalid_via"],
    ["a client outside of one", () => pool.connect(), "no_transaction"],
    [
      "Kysely outside of one",
      () => new Kysely<Shop>({ dialect: new PostgresDialect({ pool }) }),
      "no_transaction",
    ],
    ["something else", () => ({}), "invalid_via"],
  ])("is told of: %s", async (_what, make, code) => {
    const via = await Promise.resolve(make());
    if (isClient(via)) place.defer(() => via.release());
    await assert.rejects(queue.enqueue(pack, { item: "tea" }, { via }), { code });
    assert.deepEqual(await tasks(), []);
  });

  it("is told where it is one of another database, whether that has a store or not", async () => {
    const name = `${place.schema}_other`;
    await place.sql(`create database ${name}`);
    const url = new URL(place.url);
    url.pathname = name;
    const other = place.pool({ connectionString: url.href });
    const client = await other.connect();
    const enqueue = (): Promise<string> => queue.enqueue(pack, { item: "tea" }, { via: client });
    await client.query("begin");
    await assert.rejects(enqueue(), { code: "wrong_database" });
    await client.query("rollback");
    await place.store({ url: url.href }).open();
    await client.query("begin");
    await assert.rejects(enqueue(), { code: "wrong_database" });
    assert.equal((await client.query("select 1 as one")).rows[0].one, 1);
    client.release();
    await other.end();
    place.defer(() => place.sql(`drop database ${name} with (force)`));
    assert.deepEqual(await tasks(), []);
  });
});
