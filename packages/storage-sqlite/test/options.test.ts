import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { SQLiteStorage, type SQLiteStorageOptions, createStorage } from "@omniq/storage-sqlite";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("a store that is constructed", () => {
  it("touches nothing until it is used, and closes without having been", async () => {
    const path = join(place.folder, "data", "omniq.db");
    const store = new SQLiteStorage(path);
    await store.close();
    assert.ok(!existsSync(join(place.folder, "data")));
    await assert.rejects(store.open(), { code: "closed" });
  });

  it("knows its path, absolute; the base directory's is the default", () => {
    assert.equal(new SQLiteStorage("jobs.db").path, resolve("jobs.db"));
    assert.equal(new SQLiteStorage(":memory:").path, ":memory:");
    vi.stubEnv("OMNIQ_BASE_DIR", undefined);
    assert.equal(new SQLiteStorage().path, resolve("omniq_data/omniq.db"));
    vi.stubEnv("OMNIQ_BASE_DIR", " ");
    assert.equal(new SQLiteStorage().path, resolve("omniq_data/omniq.db"));
    vi.stubEnv("OMNIQ_BASE_DIR", place.folder);
    assert.equal(new SQLiteStorage().path, place.path);
    assert.equal(new SQLiteStorage("jobs.db").path, resolve("jobs.db"));
  });

  it.each<[code: string, options: object, field: string]>([
    ["unknown_option", { file: "x.db" }, "file"],
    ["invalid_durability", { durability: "some" }, "durability"],
    ["invalid_duration", { lockTimeout: "soon" }, "lockTimeout"],
    ["invalid_events", { events: "some" }, "events"],
  ])("is refused as %s: %o", (code, options, field) => {
    assert.throws(() => new SQLiteStorage(options), {
      name: "ValidationError",
      code,
      field,
    });
  });
});

describe("a store that is named by a URL", () => {
  it.each([
    ["sqlite:jobs.db", resolve("jobs.db")],
    ["sqlite:./data/jobs.db", resolve("data/jobs.db")],
    ["sqlite:/var/lib/jobs.db", resolve("/var/lib/jobs.db")],
    ["sqlite:///var/lib/jobs.db", resolve("/var/lib/jobs.db")],
    ["SQLITE:jobs.db", resolve("jobs.db")],
    ["sqlite::memory:", ":memory:"],
  ])("%s is the file %s", (url, path) => {
    assert.equal((createStorage(url) as SQLiteStorage).path, path);
  });

  it("is at its default place without one", () => {
    vi.stubEnv("OMNIQ_BASE_DIR", place.folder);
    assert.equal((createStorage(null) as SQLiteStorage).path, place.path);
  });

  it("takes the options that it would take otherwise", () => {
    assert.equal(
      createStorage("sqlite:jobs.db", { durability: "relaxed" }).capabilities.survivesPowerLoss,
      false,
    );
    assert.throws(() => createStorage("sqlite:jobs.db", { prefix: "p" } as SQLiteStorageOptions), {
      code: "unknown_option",
      field: "prefix",
    });
  });

  it.each([
    "sqlite:",
    "sqlite://",
    "sqlite://host/jobs.db",
    "sqlite:jobs.db?mode=ro",
    "jobs.db",
    "redis://host",
  ])("is refused where it names no file: %s", (url) => {
    assert.throws(() => createStorage(url), { name: "ValidationError", code: "invalid_url", field: "url" });
  });
});
