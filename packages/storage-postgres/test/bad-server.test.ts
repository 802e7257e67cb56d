import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { StorageError } from "@omniq/core";
import { startPostgres } from "@omniq/services";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();
const CANARY = "canary-3f9a";

/** The place as another user sees it. */
function urlOf(user: string, password: string, database = "postgres"): string {
  const url = new URL(place.url);
  url.username = user;
  url.password = password;
  url.pathname = database;
  return url.href;
}

async function userWithoutRights(): Promise<string> {
  const user = `user_${place.schema}`;
  await place.sql(`create role ${user} login password '${CANARY}'`);
  place.defer(async () => {
    await place.sql(`drop owned by ${user}`);
    await place.sql(`drop role ${user}`);
  });
  return user;
}

/** What a call rejects with, which must not tell the password. */
async function failureOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    assert.ok(!(error as Error).message.includes(CANARY));
    assert.ok(!inspect(error, { depth: 10 }).includes(CANARY), inspect(error, { depth: 10 }));
    const { name, code, retryable, outcome } = error as StorageError;
    return { name, code, retryable, outcome };
  }
  throw new Error("The call was not refused");
}

describe("a server that cannot be used", () => {
  it("is told of with what to do: nobody listens", async () => {
    const store = place.store({ url: `postgres://someone:${CANARY}@127.0.0.1:1/db` });
    assert.partialDeepStrictEqual(await failureOf(enqueueOne(store)), {
      name: "StorageError",
      code: "unreachable",
      retryable: true,
      outcome: "not-applied",
    });
  });

  it("a wrong password, and the same store once it is right", async () => {
    const user = await userWithoutRights();
    await place.sql(`create schema ${place.schema} authorization ${user}`);
    await place.sql(`alter role ${user} password 'another'`);
    const store = place.store({ url: urlOf(user, CANARY) });
    assert.partialDeepStrictEqual(await failureOf(enqueueOne(store)), {
      code: "wrong_credentials",
      retryable: false,
      outcome: "not-applied",
    });
    await place.sql(`alter role ${user} password '${CANARY}'`);
    await enqueueOne(store);
    assert.equal((await claim(store)).length, 1);
  });

  it("missing rights", async () => {
    const user = await userWithoutRights();
    const store = place.store({ url: urlOf(user, CANARY) });
    assert.partialDeepStrictEqual(await failureOf(enqueueOne(store)), { code: "missing_rights" });
  });

  it("a database that does not exist", async () => {
    const store = place.store({ url: urlOf("postgres", CANARY, "nowhere") });
    assert.partialDeepStrictEqual(await failureOf(enqueueOne(store)), { code: "no_such_database" });
  });

  it("a table of another's, which stays as it is", async () => {
    await place.sql(`create schema ${place.schema}`);
    await place.sql(`create table ${place.schema}.tasks (mine text)`);
    await place.sql(`insert into ${place.schema}.tasks values ('mine')`);
    assert.partialDeepStrictEqual(await failureOf(enqueueOne(place.store())), { code: "foreign_table" });
    assert.deepEqual(await place.sql(`select * from ${place.schema}.tasks`), [{ mine: "mine" }]);
    const tables = await place.sql("select relname from pg_class where relnamespace = to_regnamespace($1)", [
      place.schema,
    ]);
    assert.deepEqual(tables, [{ relname: "tasks" }]);
  });

  it("a schema whose time is set by tests, or cannot be", async () => {
    await place.store({ testClock: true }).setTestClock(5);
    assert.partialDeepStrictEqual(await failureOf(place.store().open()), { code: "test_clock" });
    assert.partialDeepStrictEqual(await failureOf(place.store().setTestClock(6)), {
      code: "invalid_test_clock",
    });
  });
});

describe("a server that goes and comes back", () => {
  it("is used again by the same store", async () => {
    const server = await startPostgres();
    place.defer(() => server.stop());
    const store = place.store({ url: server.url });
    const id = await enqueueOne(store);
    await store.watch(() => {});
    await server.kill();
    const failure = await failureOf(store.getTask(id));
    assert.match(String(failure["code"]), /^(?:unreachable|connection_lost)$/);
    await server.start();
    for (const task of await claim(store)) assert.equal((await complete(store, task)).status, "settled");
    assert.equal((await store.getTask(id))?.status, "SUCCESS");
  });

  it("and whose connections are ended one by one", async () => {
    const store = place.store();
    await enqueueOne(store);
    const name = `omniq_${place.schema}`;
    const pool = place.pool({ application_name: name });
    const other = place.store({ pool });
    await Promise.all(Array.from({ length: 5 }, () => enqueueOne(other)));
    await place.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [
      name,
    ]);
    while ((await place.sql("select from pg_stat_activity where application_name = $1", [name])).length > 0);
    // Each of them may have to be found out by a call that fails.
    for (let tries = 0; tries < 5; tries++) await enqueueOne(other).catch(() => {});
    await enqueueOne(other);
  });
});

describe("a call that takes too long", () => {
  it("is given up on by both sides, and the store goes on", async () => {
    const store = place.store({ timeout: "2s" });
    const id = await enqueueOne(store);
    const [task] = await claim(store);
    assert.ok(task);
    const blocker = await place.pool().connect();
    try {
      await blocker.query("begin");
      await blocker.query(`select from ${place.schema}.tasks where id = $1 for update`, [id]);
      assert.partialDeepStrictEqual(await failureOf(complete(store, task)), {
        code: "timeout",
        retryable: true,
      });
    } finally {
      await blocker.query("rollback");
      blocker.release();
    }
    assert.equal((await complete(store, task)).status, "settled");
  });
});
