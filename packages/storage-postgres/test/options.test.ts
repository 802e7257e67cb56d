import assert from "node:assert/strict";
import { PostgresStorage, type PostgresStorageOptions, createStorage } from "@omniq/storage-postgres";
import { Pool } from "pg";
import { describe, it } from "vitest";

describe("a store that is constructed", () => {
  it("connects to nothing until it is used, and closes without having been", async () => {
    const store = new PostgresStorage("postgres://127.0.0.1:1/none");
    assert.equal(store.schema, "omniq");
    await store.close();
    await assert.rejects(store.open(), { code: "closed" });
  });

  it.each<[code: string, options: object, field: string]>([
    ["unknown_option", { host: "x" }, "host"],
    ["invalid_durability", { durability: "some" }, "durability"],
    ["invalid_duration", { timeout: "soon" }, "timeout"],
    ["invalid_timeout", { timeout: "0s" }, "timeout"],
    ["invalid_timeout", { timeout: { milliseconds: 2 ** 31 } }, "timeout"],
    ["invalid_events", { events: "some" }, "events"],
    ["invalid_schema", { schema: 'x"; drop table users' }, "schema"],
    ["invalid_schema", { schema: "Upper" }, "schema"],
    ["invalid_schema", { schema: "a".repeat(41) }, "schema"],
    ["invalid_pool", { url: "postgres://host/db", pool: new Pool() }, "pool"],
  ])("is refused as %s: %o", (code, options, field) => {
    assert.throws(() => new PostgresStorage(options), { name: "ValidationError", code, field });
  });

  it("takes a time limit as long as Postgres does", () => {
    assert.ok(new PostgresStorage({ timeout: { milliseconds: 2 ** 31 - 1 } }));
  });

  it("promises what its durability allows", () => {
    const { capabilities } = new PostgresStorage({ durability: "relaxed" });
    assert.deepEqual([capabilities.survivesServerCrash, capabilities.survivesPowerLoss], [false, false]);
  });
});

describe("a store that is named by a URL", () => {
  it.each(["postgres://host/db", "postgresql://user:secret@host:1/db?sslmode=disable", "POSTGRES://host"])(
    "is made for %s",
    (url) => assert.ok(createStorage(url, { schema: "jobs" }) instanceof PostgresStorage),
  );

  it("is the one of the environment without one, and takes options", () => {
    assert.equal((createStorage(null, { schema: "jobs" }) as PostgresStorage).schema, "jobs");
    assert.throws(() => createStorage("postgres://host/db", { path: "p" } as PostgresStorageOptions), {
      code: "unknown_option",
      field: "path",
    });
  });

  it.each(["postgres:", "postgres://", "sqlite:jobs.db", "mysql://user:canary@host/db"])(
    "is refused where it names no database, and not told: %s",
    (url) => {
      assert.throws(
        () => createStorage(url),
        (error: Error & { code?: string }) =>
          error.code === "invalid_url" && !error.message.includes("canary"),
      );
    },
  );
});
