import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OmniQ, TaskQueue, defineTask, silentLogger } from "@omniq/core";
import { BaseStorage } from "@omniq/core/storage";
import { FileStorage } from "@omniq/storage-file";
import { MemoryStorage } from "@omniq/storage-memory";
import { PostgresStorage } from "@omniq/storage-postgres";
import { RedisStorage } from "@omniq/storage-redis";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import { afterEach, beforeEach, describe, it } from "vitest";

const greet = defineTask({ name: "greet", run: (name: string) => `hello ${name}` });
const OPTIONS = { tasks: [greet], logger: silentLogger };

let folder = "";
let cwd = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omniq-seeds-"));
  cwd = process.cwd();
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(cwd);
  rmSync(folder, { recursive: true, force: true });
});

describe("seed 004: opening", () => {
  it("S1.2 S1.3 S4.102 stores need no argument, and take a path, or options such as a serializer", async () => {
    const storages = [
      [new SQLiteStorage(), "omniq_data/omniq.db"],
      [new FileStorage(), "omniq_data"],
      [new SQLiteStorage("own/tasks.db"), "own/tasks.db"],
      [new FileStorage("./data"), "data"],
    ] as const;
    for (const [storage, path] of storages) {
      const queue = new TaskQueue({ storage, ...OPTIONS });
      const id = await queue.enqueue(greet, "Ada");
      const task = await queue.getTask(id);
      assert.equal(typeof task?.schedule, "object");
      assert.ok(existsSync(join(folder, path)), path);
      await storage.close();
    }
    const encoded: unknown[] = [];
    const serializer = {
      format: "json",
      encode: (value: unknown) => {
        encoded.push(value);
        return JSON.stringify(value);
      },
      decode: (text: string) => JSON.parse(text) as unknown,
    };
    const storage = new FileStorage("./spied", { serializer });
    await new TaskQueue({ storage, ...OPTIONS }).enqueue(greet, "Bob");
    assert.deepEqual(encoded, ["Bob"]);
    await storage.close();
  });

  it("S4.100 a facade is opened without an argument, by options, or made over a storage", async () => {
    for (const open of [
      () => OmniQ.open(OPTIONS),
      () => OmniQ.open({ backend: "sqlite", ...OPTIONS }),
      async () => new OmniQ({ storage: new SQLiteStorage("third.db"), ...OPTIONS }),
    ]) {
      await using omniq = await open();
      const id = await omniq.enqueue(greet, "Ada");
      assert.equal((await omniq.getTask(id))?.payload, "Ada");
    }
    assert.deepEqual(
      readdirSync(folder)
        .filter((name) => !/-(wal|shm|wake)$/.test(name))
        .toSorted(),
      ["omniq_data", "third.db"],
    );
  });

  it("S4.98 a worker of the facade has its queue and storage, and warns of nothing", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void =>
      void (warning.name === "DeprecationWarning" && warnings.push(warning));
    process.on("warning", note);
    await using omniq = await OmniQ.open("memory:", OPTIONS);
    const pool = omniq.worker({ concurrency: 2 });
    assert.ok(pool.queue instanceof TaskQueue);
    assert.equal(pool.queue.storage, omniq.storage);
    assert.equal(pool.concurrency, 2);
    const id = await omniq.enqueue(greet, "Ada");
    assert.equal(await pool.processTasks(), 1);
    assert.equal((await omniq.getResult(id))?.value, "hello Ada");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    assert.deepEqual(warnings, []);
  });

  it("settings: explicit options win over the environment, which wins over the defaults", async () => {
    const before = { ...process.env };
    try {
      Object.assign(process.env, {
        OMNIQ_URL: "memory:",
        OMNIQ_CONCURRENCY: "7",
        OMNIQ_LEASE: "1m",
        OMNIQ_EVENTS: "all",
      });
      await using omniq = await OmniQ.open(OPTIONS);
      assert.equal(omniq.storage.adapter.name, "memory");
      assert.equal(omniq.storage.eventLevel, "all");
      const { settings } = omniq.worker({ concurrency: 3 });
      assert.deepEqual([settings.concurrency, settings.leaseMs, settings.pollMs], [3, 60_000, 1000]);
      await using named = await OmniQ.open("sqlite:named.db", { ...OPTIONS, events: "off" });
      assert.deepEqual([named.storage.adapter.name, named.storage.eventLevel], ["sqlite", "off"]);
      // As from code whose types let an option be undefined.
      const nowhere: object = { url: undefined, backend: undefined, events: undefined };
      await using unnamed = await OmniQ.open({ ...OPTIONS, ...nowhere });
      assert.deepEqual([unnamed.storage.adapter.name, unnamed.storage.eventLevel], ["memory", "all"]);
      const unsaid: object = { concurrency: undefined };
      assert.equal(unnamed.worker(unsaid).concurrency, 7);
      process.env["OMNIQ_CONCURRENCY"] = "lots";
      assert.throws(() => omniq.worker(), { code: "invalid_setting", field: "OMNIQ_CONCURRENCY" });
    } finally {
      process.env = before;
    }
  });
});

describe("seed 002: packages", () => {
  const manifest = (name: string): { readonly dependencies: Readonly<Record<string, string>> } =>
    JSON.parse(readFileSync(join(import.meta.dirname, `../../../../packages/${name}/package.json`), "utf8"));

  it("S2.5 the dependencies of @omniq/storage-sqlite are core, storage-sql, better-sqlite3 and kysely", () => {
    assert.deepEqual(Object.keys(manifest("storage-sqlite").dependencies), [
      "@omniq/core",
      "@omniq/storage-sql",
      "better-sqlite3",
      "kysely",
    ]);
  });

  it("S2.17 S4.1 the contract is a module of core, each store a package of its own, and both can be imported", () => {
    for (const Storage of [MemoryStorage, SQLiteStorage, FileStorage, PostgresStorage, RedisStorage]) {
      assert.ok(Storage.prototype instanceof BaseStorage, Storage.name);
    }
  });
});
