import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { systemClock } from "@omniq/core";
import { useChildren } from "@omniq/test-support/children";
import { enqueueOne } from "@omniq/test-support/steps";
import { describe, it, vi } from "vitest";
import { escaped } from "./support/escaped.ts";
import { usePlace } from "./support/place.ts";

const place = usePlace();
const start = useChildren(new URL("fixtures/", import.meta.url));

/** What every refusal for the file's sake says. */
function refusal(code: string, advice: RegExp, path = place.path): object {
  return {
    name: "StorageError",
    code,
    message: new RegExp(`${escaped(path)}.*${advice.source}`),
    retryable: false,
    outcome: "not-applied",
  };
}

describe("a file that is no database", () => {
  it.each([
    ["short", "hello"],
    ["long", "This is a text, and no database. ".repeat(100)],
  ])("is refused and left as it is: a %s text", async (_what, text) => {
    writeFileSync(place.path, text);
    const store = place.store();
    await assert.rejects(
      store.open(),
      refusal("not_a_database", /is not a SQLite database\. Name another file/),
    );
    await assert.rejects(enqueueOne(store), { code: "not_a_database" });
    assert.equal(readFileSync(place.path, "utf8"), text);
    assert.deepEqual(readdirSync(place.folder), ["omniq.db"]);
  });

  it("is opened by the same store once a database stands there", async () => {
    writeFileSync(place.path, "This is a text, and no database. ".repeat(100));
    const store = place.store();
    await assert.rejects(store.open());
    rmSync(place.path);
    await enqueueOne(store);
  });

  it("that is damaged further on is told so", async () => {
    const store = place.store();
    for (let task = 0; task < 50; task++) await enqueueOne(store, { payload: "x".repeat(1000) });
    await store.close();
    const bytes = readFileSync(place.path);
    bytes.fill(0xff, 4096);
    writeFileSync(place.path, bytes);
    await assert.rejects(place.store().open(), refusal("corrupt_database", /is damaged\. Restore it/));
  });
});

describe("a path that is no file", () => {
  it("because it is a folder is refused", async () => {
    mkdirSync(place.path);
    await assert.rejects(
      place.store().open(),
      refusal("cannot_open", /cannot be opened\. Check that it is a file/),
    );
    assert.deepEqual(readdirSync(place.path), []);
  });

  it("because a file stands where its folder should is refused", async () => {
    writeFileSync(join(place.folder, "data"), "a text");
    const path = join(place.folder, "data", "omniq.db");
    await assert.rejects(place.store({ path }).open(), { name: "StorageError", code: "cannot_open" });
    assert.equal(readFileSync(join(place.folder, "data"), "utf8"), "a text");
  });

  it("because its folders are missing gets them", async () => {
    await place.store({ path: join(place.folder, "a", "b", "omniq.db") }).open();
    assert.ok(readdirSync(join(place.folder, "a", "b")).includes("omniq.db"));
  });
});

describe("a file that may not be written", () => {
  /** Makes a sound database that holds one task. */
  async function prepare(): Promise<Buffer> {
    const store = place.store();
    await enqueueOne(store);
    await store.close();
    return readFileSync(place.path);
  }

  async function openWithoutRights(): Promise<readonly unknown[]> {
    const program = start("open-without-rights", place.path);
    const answers = [await program.receive(), await program.receive()];
    assert.deepEqual(await program.exited, { code: 0, signal: null });
    return answers;
  }

  it("in a folder that may can be looked at, and every write is refused as read-only", async () => {
    const before = await prepare();
    chmodSync(place.folder, 0o777);
    chmodSync(place.path, 0o444);
    const [opened, written] = await openWithoutRights();
    assert.equal(opened, "no error");
    assert.partialDeepStrictEqual(written, {
      name: "StorageError",
      code: "read_only",
      retryable: false,
      outcome: "not-applied",
    });
    assert.match(
      (written as Error).message,
      new RegExp(`${escaped(place.path)} may not be written\\. Give this process the right`),
    );
    assert.deepEqual(readFileSync(place.path), before);
  });

  it("in a folder that may not either is refused, and left as it is", async () => {
    const before = await prepare();
    chmodSync(place.path, 0o444);
    chmodSync(place.folder, 0o555);
    const answers = await openWithoutRights();
    chmodSync(place.folder, 0o755);
    for (const answer of answers) {
      assert.match((answer as { readonly code: string }).code, /^(?:read_only|cannot_open)$/);
      assert.ok((answer as Error).message.includes(place.path));
    }
    assert.deepEqual(readFileSync(place.path), before);
  });

  it("and is not there is refused", async () => {
    chmodSync(place.folder, 0o555);
    const answers = await openWithoutRights();
    chmodSync(place.folder, 0o755);
    for (const answer of answers)
      assert.partialDeepStrictEqual(answer, { name: "StorageError", code: "cannot_open" });
    assert.deepEqual(readdirSync(place.folder), []);
  });
});

describe("a database that another program made", () => {
  it.each(["tasks", "results", "events", "queues"])(
    "with a table named %s is refused and left as it is",
    async (table) => {
      const database = place.handle();
      database.exec(`create table ${table} (note text)`);
      database.prepare(`insert into ${table} values (?)`).run("mine");
      database.close();
      const before = readFileSync(place.path);
      await assert.rejects(
        place.store().open(),
        refusal(
          "foreign_table",
          new RegExp(`has a table named ${table} that OmniQ did not create\\. Nothing was changed`),
        ),
      );
      assert.deepEqual(readFileSync(place.path), before);
      assert.deepEqual(readdirSync(place.folder), ["omniq.db"]);
    },
  );

  it("with other tables is shared", async () => {
    const database = place.handle();
    database.exec("create table notes (note text); insert into notes values ('mine')");
    await enqueueOne(place.store());
    assert.deepEqual(database.prepare("select note from notes").all(), [{ note: "mine" }]);
  });
});

describe("a database of another release", () => {
  it("with a newer schema is refused and left as it is", async () => {
    const first = place.store();
    await enqueueOne(first);
    await first.close();
    const database = place.handle();
    const version = database
      .prepare("select value from omniq_meta where key = 'schema_version'")
      .pluck()
      .get();
    database.prepare("update omniq_meta set value = value + 1 where key = 'schema_version'").run();
    database.close();
    const before = readFileSync(place.path);

    const store = place.store();
    const advice = `has schema version ${Number(version) + 1}, and this release of OmniQ knows versions up to ${String(version)}\\..*Upgrade`;
    await assert.rejects(store.open(), refusal("schema_too_new", new RegExp(advice)));
    await assert.rejects(store.countTasks(), { code: "schema_too_new" });
    assert.deepEqual(readFileSync(place.path), before);
  });

  it("with a column more is used, and the column left alone", async () => {
    const first = place.store();
    const id = await enqueueOne(first);
    await first.close();
    const database = place.handle();
    database.exec("alter table tasks add column shard integer");
    database.prepare("update tasks set shard = 4").run();

    const store = place.store();
    const [task] = (await store.dequeue({ limit: 1, workerId: "w", leaseMs: 1000 })).tasks;
    assert.ok(task);
    await store.settle({ settlements: [{ task, outcome: { kind: "complete" } }] });
    assert.equal((await store.getTask(id))?.status, "SUCCESS");
    assert.deepEqual(database.prepare("select shard from tasks").pluck().all(), [4]);
  });
});

describe("a store that is replaced while it is closed", () => {
  it("is read anew from the file", async () => {
    const first = place.store();
    const id = await enqueueOne(first);
    await first.close();
    cpSync(place.path, join(place.folder, "copy.db"));
    const copy = place.store({ path: join(place.folder, "copy.db") });
    assert.equal((await copy.getTask(id))?.id, id);
  });
});

describe("a database that is removed while it is in use", () => {
  it.each([
    ["removed", () => rmSync(place.path)],
    [
      "replaced",
      () => {
        cpSync(place.path, `${place.path}.copy`);
        renameSync(`${place.path}.copy`, place.path);
      },
    ],
  ])("takes no more once that is seen, rather than losing it: %s", async (_what, remove) => {
    const store = place.store();
    await enqueueOne(store);
    remove();
    const later = systemClock.now() + 2000;
    const clock = vi.spyOn(systemClock, "now").mockReturnValue(later);
    await assert.rejects(enqueueOne(store), refusal("database_moved", /Close this store, and make another/));
    await assert.rejects(enqueueOne(store), { code: "database_moved" });
    clock.mockRestore();
    await enqueueOne(place.store());
  });
});
