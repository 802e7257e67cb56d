import assert from "node:assert/strict";
import { RedisStorage, type RedisStorageOptions, createStorage } from "@omniq/storage-redis";
import { Redis } from "ioredis";
import { describe, it } from "vitest";
import { sharedServer } from "./support/server.ts";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("a store that is constructed", () => {
  it("connects to nothing until it is used, and closes without having been", async () => {
    const store = new RedisStorage("redis://localhost:1");
    await store.close();
    await assert.rejects(store.open(), { code: "closed" });
  });

  it.each<[code: string, options: object, field: string]>([
    ["unknown_option", { host: "localhost" }, "host"],
    ["invalid_url", { url: "http://localhost" }, "url"],
    ["invalid_url", { url: "redis:localhost" }, "url"],
    ["invalid_url", { url: "redis://localhost/tasks" }, "url"],
    ["invalid_url", { url: "redis://localhost?password=secret" }, "url"],
    ["invalid_prefix", { prefix: "a*" }, "prefix"],
    ["invalid_prefix", { prefix: "{a}" }, "prefix"],
    ["invalid_prefix", { prefix: "" }, "prefix"],
    ["invalid_client", { client: {} }, "client"],
    ["invalid_durability", { durability: "some" }, "durability"],
    ["invalid_duration", { timeout: "soon" }, "timeout"],
    ["invalid_timeout", { timeout: { days: 25 } }, "timeout"],
    ["invalid_timeout", { timeout: 0 }, "timeout"],
    ["invalid_events", { events: "some" }, "events"],
  ])("is refused as %s: %o", (code, options, field) => {
    assert.throws(
      () => new RedisStorage(options),
      (error: Error & { code: string; field: string }) => {
        assert.equal(error.name, "ValidationError");
        assert.deepEqual([error.code, error.field], [code, field]);
        assert.ok(!error.message.includes("secret"));
        return true;
      },
    );
  });

  it("refuses a client that changes the names of keys", () => {
    const client = new Redis({ lazyConnect: true, keyPrefix: "app:" });
    assert.throws(() => new RedisStorage({ client }), { code: "invalid_client", field: "client" });
  });

  it("has a clock to set only where a test asked for one", async () => {
    const store = await place.store();
    await assert.rejects(store.setTestClock(0), { name: "ValidationError", code: "invalid_test_clock" });
    const tested = await place.store({ testClock: true });
    await tested.setTestClock(1_000_000);
    assert.equal((await tested.nextDue()).now, 1_000_000);
  });
});

describe("a store that is named by a URL", () => {
  it("is the same as one with the option", async () => {
    const store = createStorage(await sharedServer(), { prefix: place.prefix });
    assert.equal((store as RedisStorage).prefix, place.prefix);
    await store.destroy();
  });

  it("takes the options that it would take otherwise", () => {
    assert.equal(createStorage(null, { durability: "always" }).capabilities.survivesPowerLoss, true);
    assert.throws(() => createStorage(null, { path: "p" } as RedisStorageOptions), {
      code: "unknown_option",
    });
    assert.throws(() => createStorage("sqlite:jobs.db"), { code: "invalid_url", field: "url" });
  });
});
