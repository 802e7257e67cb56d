import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Database, type DatabaseOptions, type Source, poolSource } from "@omniq/connection-postgres";
import { type PostgresServer, startPostgres } from "@omniq/services";
import { examples } from "@omniq/test-support/examples";
import { runProgram } from "@omniq/test-support/programs";
import { Pool } from "pg";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";

let server: PostgresServer;
const sources: Source[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
});
afterAll(() => server.stop());

function databaseAt(
  connectionString: string,
  options: Partial<DatabaseOptions> = {},
  pool: Pool | null = null,
) {
  const complete = { timeoutMs: 10_000, durability: "full", preparedStatements: true, ...options } as const;
  const source = poolSource(pool, { connectionString }, complete);
  sources.push(source);
  return new Database(source, complete);
}

describe("a call", () => {
  it("answers 64-bit numbers as numbers, and runs under a name more than once", async () => {
    const database = databaseAt(server.url);
    for (const value of [1, 2 ** 53 - 1])
      assert.deepEqual(await database.query("select $1::bigint as value", [value], "numbered"), [{ value }]);
  });

  it("that takes too long is given up, and the next one works", async () => {
    const database = databaseAt(server.url, { timeoutMs: 2000 });
    await assert.rejects(database.query("select pg_sleep(600)"), {
      code: "timeout",
      retryable: true,
      outcome: "unknown",
    });
    assert.deepEqual(await database.query("select 1 as one"), [{ one: 1 }]);
  });

  it("that another transaction is in the way of is made again, and told of in the end", async () => {
    const database = databaseAt(server.url);
    let tries = 0;
    const failing = (often: number) => () =>
      database.transaction(async (query) => {
        if (++tries <= often) await query("do $$ begin raise exception using errcode = '40001'; end $$", []);
        return tries;
      });
    assert.equal(await failing(2)(), 3);
    tries = 0;
    await assert.rejects(failing(1000), { code: "contention", outcome: "not-applied" });
    assert.equal(tries, 5);
  });

  it("runs at read committed, whatever the server is set to", async () => {
    const url = new URL(server.url);
    url.searchParams.set("options", "-c default_transaction_isolation=serializable");
    const database = databaseAt(url.href);
    const level = "select current_setting('transaction_isolation') as level";
    assert.deepEqual(await database.query(level), [{ level: "serializable" }]);
    await database.inspect();
    for (const name of [undefined, "level"])
      assert.deepEqual(await database.query(level, [], name), [{ level: "read committed" }]);
    await assert.rejects(database.query("select 1/0"), { code: "storage_failure", outcome: "not-applied" });
    assert.deepEqual(await database.query("select 1 as one"), [{ one: 1 }]);
  });

  it("that fails within a transaction leaves nothing of it, and the connection as it was", async () => {
    const pool = new Pool({ connectionString: server.url, max: 1 });
    const database = databaseAt(server.url, {}, pool);
    await database.query("create table kept (value int)");
    const failing = database.transaction(async (query) => {
      await query("insert into kept values (1)", []);
      await query("select 1/0", []);
    });
    await assert.rejects(failing, { code: "storage_failure", outcome: "not-applied" });
    assert.deepEqual(await database.query("select * from kept"), []);
    assert.equal(pool.totalCount, 1);
    await pool.end();
  });

  it("to where nothing listens says so, without the password", async () => {
    const database = databaseAt("postgres://somebody:canary@127.0.0.1:1/none");
    await assert.rejects(database.inspect(), (error: Error & { code?: string; outcome?: string }) => {
      assert.deepEqual([error.code, error.outcome], ["unreachable", "not-applied"]);
      return !`${error.message}${error.stack}`.includes("canary");
    });
  });
});

describe("a pool that was handed in", () => {
  it("stays open, and without listeners of ours", async () => {
    const pool = new Pool({ connectionString: server.url });
    const database = databaseAt(server.url, {}, pool);
    await database.inspect();
    await database.source.close();
    sources.length = 0;
    assert.equal(pool.listenerCount("error"), 0);
    assert.equal((await pool.query("select 1")).rowCount, 1);
    await pool.end();
  });
});

describe("the README", () => {
  it("shows a program with its output", async () => {
    const [example, ...others] = examples(readFileSync(new URL("../README.md", import.meta.url), "utf8"));
    assert.ok(example?.output && others.length === 0);
    const ended = await runProgram(example.program.replace("postgres://localhost/app", server.url));
    assert.deepEqual(ended, { code: 0, stdout: example.output, stderr: "" });
  });
});
