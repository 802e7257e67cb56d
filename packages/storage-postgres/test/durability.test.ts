import assert from "node:assert/strict";
import { type PostgresServer, startPgBouncer, startPostgres } from "@omniq/services";
import type { PostgresStorage, PostgresStorageOptions } from "@omniq/storage-postgres";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { Kysely, PostgresDialect } from "kysely";
import { Client, type Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();
let server: PostgresServer;
let admin: Pool;
let ids = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  admin = place.pool({ connectionString: server.url });
});

/** What the server has connections begin with. All that are there know of it. */
async function setDefault(value: string): Promise<void> {
  await admin.query(`alter system set synchronous_commit = ${value}`);
  await admin.query("select pg_reload_conf()");
  const shown = async (): Promise<unknown> => (await admin.query("show synchronous_commit")).rows[0];
  while (((await shown()) as { synchronous_commit: string }).synchronous_commit !== value);
}

/** Keeps, of each change to a task, how it was committed. */
async function spy(): Promise<void> {
  const { schema } = place;
  await admin.query(`create table ${schema}.commits (kind text)`);
  await admin.query(`create function ${schema}.spy() returns trigger language plpgsql as $$ begin
    insert into ${schema}.commits values (current_setting('synchronous_commit')); return null; end $$`);
  await admin.query(`create constraint trigger spy after insert or update or delete on ${schema}.tasks
    deferrable initially deferred for each row execute function ${schema}.spy()`);
}

type Task = { readonly id: string; readonly name: string };

/** How the store commits calls of every kind. */
async function commitsOf(store: PostgresStorage): Promise<readonly string[]> {
  await enqueueOne(store);
  const [a, b, c] = [1, 2, 3].map(() => ({ id: `${++ids}`, name: "work" })) as [Task, Task, Task];
  await store.enqueue({ groups: [[a, b], [c]] });
  await store.reschedule(c.id, new Date(5));
  for (const task of await claim(store)) assert.equal((await complete(store, task)).status, "settled");
  const { rows } = await admin.query<{ kind: string }>(`delete from ${place.schema}.commits returning kind`);
  assert.ok(rows.length >= 8);
  return [...new Set(rows.map(({ kind }) => kind))];
}

type Make = () => PostgresStorageOptions | Promise<PostgresStorageOptions>;

const SOURCES: readonly (readonly [name: string, make: Make])[] = [
  ["a pool of its own", () => ({ url: server.url })],
  ["a pool that was handed in", () => ({ pool: place.pool({ connectionString: server.url }) })],
  [
    "a Kysely",
    () => {
      const pool = place.pool({ connectionString: server.url });
      return { kysely: new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) }) };
    },
  ],
  [
    "PgBouncer",
    async () => {
      const pooler = await startPgBouncer(server);
      place.defer(() => pooler.stop());
      return { url: pooler.url };
    },
  ],
];

describe.each(SOURCES)("a store on %s", (_name, make) => {
  it("commits as its durability says, whatever becomes of the server's default", async () => {
    await setDefault("on");
    const options = await make();
    const store = place.store(options);
    await store.open();
    await spy();
    assert.deepEqual(await commitsOf(store), ["on"]);
    await setDefault("off");
    assert.deepEqual(await commitsOf(store), ["on"]);
    await setDefault("local");
    const relaxed = place.store({ ...options, durability: "relaxed" });
    assert.deepEqual(await commitsOf(relaxed), ["off"]);
  });

  it("leaves a default that is stricter", async () => {
    await setDefault("remote_apply");
    const store = place.store(await make());
    await store.open();
    await spy();
    assert.deepEqual(await commitsOf(store), ["remote_apply"]);
  });
});

describe("a transaction of the application's", () => {
  it.each([
    ["full", "off", "on"],
    ["full", "remote_apply", "remote_apply"],
    ["relaxed", "on", "on"],
  ] as const)("with tasks of a store that is %s: from %s to %s", async (durability, from, to) => {
    const store = place.store({ url: server.url, durability });
    await store.open();
    await spy();
    const via = new Client({ connectionString: server.url });
    await via.connect();
    place.defer(() => via.end());
    await via.query(`begin; set local synchronous_commit = ${from}`);
    await store.enqueue({ groups: [[{ id: "a", name: "work" }]], via });
    await via.query("commit");
    assert.deepEqual((await admin.query(`select kind from ${place.schema}.commits`)).rows, [{ kind: to }]);
  });
});
