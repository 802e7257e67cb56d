import assert from "node:assert/strict";
import { readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { StorageError } from "@omniq/core";
import type { JournalError } from "@omniq/journal";
import { describe, it } from "vitest";
import { contentsOf, segmentsOf, untilRewritten } from "./support/journal-files.ts";
import { usePlace } from "./support/place.ts";
import { claimOne, complete, enqueueOne } from "@omniq/test-support/steps";

const place = usePlace();

describe("an archive that is damaged", () => {
  /** A folder with three finished tasks in an archive. Answers the path of the archive. */
  async function prepareArchive(): Promise<string> {
    const store = place.store({ archiveAfter: 3 });
    for (const id of ["a", "b", "c", "d"]) {
      await enqueueOne(store, { id, payload: { some: id } });
      await complete(store, await claimOne(store));
    }
    await store.archive();
    await store.close();
    const names = readdirSync(place.folder).filter((name) => name.startsWith("archive-"));
    assert.equal(names.length, 1);
    return join(place.folder, names[0] as string);
  }

  function damageAt(path: string, text: string): number {
    const bytes = readFileSync(path);
    const offset = bytes.indexOf(text) + text.length - 1;
    bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
    writeFileSync(path, bytes);
    return bytes.lastIndexOf("\n", offset) + 1;
  }

  it("in one line is told of, naming file and offset, and all else can be used", async () => {
    const path = await prepareArchive();
    const offset = damageAt(path, `{\\"some\\":\\"b`);
    const told: JournalError[] = [];
    const store = place.store({ onDamage: (error: StorageError) => void told.push(error as JournalError) });
    for (const call of [() => store.getTask("b"), () => store.getResult("b"), () => store.retryTask("b")]) {
      await assert.rejects(call(), {
        name: "CorruptRecordError",
        recordId: "b",
        message: new RegExp(`${offset}`),
      });
    }
    assert.deepEqual(
      told.map((error) => [error.code, error.path, error.offset]),
      [["damaged_record", path, offset]],
    );
    await assert.rejects(enqueueOne(store, { id: "b" }), { code: "duplicate_task" });
    assert.equal((await store.describe()).durability["unreadable_tasks"], "1");
    const first = await store.listTasks({ limit: 1 });
    const rest = await store.listTasks({ limit: 5, cursor: first.cursor });
    assert.deepEqual(
      [...first.tasks, ...rest.tasks].map(({ id }) => id),
      ["a", "c", "d"],
    );
    for (const id of ["a", "c", "d"]) assert.equal((await store.getResult(id))?.value, 1);
    await store.deleteTask("c");
    assert.equal(await place.store({ onDamage: () => {} }).getTask("c"), null);
  });

  it("in one line is the same in an archive that stands for several, and is purged with the others", async () => {
    await prepareArchive();
    const path = join(
      place.folder,
      readdirSync(place.folder).find((name) => name.startsWith("archive-")) as string,
    );
    damageAt(path, `{\\"some\\":\\"b`);
    const store = place.store({ archiveAfter: 0, onDamage: () => {} });
    for (let round = 0; round < 10; round++) {
      await complete(store, await claimAfter(store));
      await store.archive();
    }
    const reopened = place.store({ onDamage: () => {} });
    await assert.rejects(reopened.getTask("b"), { code: "corrupt_record" });
    assert.equal((await reopened.listTasks()).tasks.length, 13);
    assert.equal(await reopened.purge({ before: Date.UTC(9000, 0, 1) }), 14);
    assert.equal(await reopened.getTask("a"), null);
  });

  async function claimAfter(store: ReturnType<typeof place.store>): ReturnType<typeof claimOne> {
    await enqueueOne(store);
    return claimOne(store);
  }

  it.each<[what: string, damage: (path: string) => void]>([
    ["in a column", (path) => void damageAt(path, `"column":"offset","values":"AA`)],
    ["in the last line", (path) => void damageAt(path, `"format":"omniq-archive`)],
    ["by the loss of its last bytes", (path) => truncateSync(path, readFileSync(path).length - 200)],
    [
      "by the loss of all of it",
      (path) =>
        truncateSync(path, readFileSync(path).indexOf('{"c":"', readFileSync(path).indexOf('"f":') - 30)),
    ],
  ])("in its footer, %s, says what its lines say", async (_what, damage) => {
    const path = await prepareArchive();
    damage(path);
    const told: string[] = [];
    const store = place.store({ onDamage: (error: StorageError) => void told.push(error.message) });
    assert.deepEqual(
      (await store.listTasks()).tasks.map(({ id }) => id),
      ["a", "b", "c", "d"],
    );
    for (const id of ["a", "b", "c"]) assert.equal((await store.getResult(id))?.value, 1);
    assert.equal(told.length, 1);
    assert.match(told[0] as string, /footer/);
    assert.equal(await store.purge({ before: Date.UTC(9000, 0, 1) }), 4);
  });

  it("by the loss of lines keeps those that are left", async () => {
    const path = await prepareArchive();
    const bytes = readFileSync(path);
    truncateSync(path, bytes.indexOf("\n", bytes.indexOf('"id":"b"')) + 1);
    const store = place.store({ onDamage: () => {} });
    assert.deepEqual(
      (await store.listTasks()).tasks.map(({ id }) => id),
      ["a", "b", "d"],
    );
    assert.equal((await store.getResult("b"))?.value, 1);
  });

  it("by being gone is refused, and the folder left as it is", async () => {
    const path = await prepareArchive();
    const bytes = readFileSync(path);
    rmSync(path);
    const before = contentsOf(place.folder);
    const store = place.store();
    await assert.rejects(store.open(), { name: "JournalError", code: "damaged_journal", path });
    await assert.rejects(enqueueOne(store), { code: "damaged_journal", path });
    await store.close();
    assert.equal(contentsOf(place.folder), before);
    writeFileSync(path, bytes);
    assert.equal((await place.store().listTasks()).tasks.length, 4);
  });

  it("by the loss of the whole journal is refused, and the folder left as it is", async () => {
    await prepareArchive();
    const [segment = ""] = segmentsOf(place.folder);
    const bytes = readFileSync(segment);
    rmSync(segment);
    const before = contentsOf(place.folder);
    const store = place.store();
    await assert.rejects(store.open(), {
      name: "JournalError",
      code: "damaged_journal",
      path: place.folder,
    });
    await assert.rejects(enqueueOne(store), { code: "damaged_journal", path: place.folder });
    await store.close();
    assert.equal(contentsOf(place.folder), before);
    writeFileSync(segment, bytes);
    assert.equal((await place.store().listTasks()).tasks.length, 4);
  });

  it("in the line of the journal that names it is found by its name, with all that was not put again", async () => {
    await prepareArchive();
    const store = place.store({ archiveAfter: 3 });
    await store.deleteTask("a");
    await store.reschedule("b", new Date());
    await store.close();
    const [before = ""] = segmentsOf(place.folder);
    const rewriting = place.store({ archiveAfter: 3, checkpointBytes: 500 });
    for (let round = 0; round < 40; round++) await enqueueOne(rewriting, { queue: "more" });
    await untilRewritten(before);
    await rewriting.close();
    const [segment = ""] = segmentsOf(place.folder);
    damageAt(segment, '"count":');
    // The second keeps what the first has found; that one was deleted nobody knows any more.
    for (const checkpointBytes of [500, undefined]) {
      const [old = ""] = segmentsOf(place.folder);
      const damaged = place.store({ onDamage: () => {}, ...(checkpointBytes && { checkpointBytes }) });
      const { tasks } = await damaged.listTasks({ queue: "default" });
      assert.deepEqual(
        tasks.map(({ id, status }) => `${id} ${status}`),
        ["a SUCCESS", "b PENDING", "c SUCCESS", "d SUCCESS"],
      );
      assert.equal((await damaged.getResult("c"))?.value, 1);
      for (let round = 0; round < 40; round++) await enqueueOne(damaged, { queue: "more" });
      if (checkpointBytes) await untilRewritten(old);
      await damaged.close();
    }
  });

  it("in the line of the journal that has it replace others is found, though those are gone", async () => {
    const finish = async (store: ReturnType<typeof place.store>, id: string): Promise<void> => {
      await enqueueOne(store, { id });
      await complete(store, await claimOne(store));
    };
    const store = place.store({ archiveAfter: 0, checkpointBytes: 2000 });
    for (let round = 0; round < 7; round++) await finish(store, `task ${round}`);
    await store.archive();
    for (let round = 0; round < 20; round++)
      await enqueueOne(store, { queue: "more", due: { inMs: 60_000 } });
    await store.close();
    const merging = place.store({ archiveAfter: 0 });
    await finish(merging, "task 7");
    await merging.archive();
    await merging.close();
    const [segment = ""] = segmentsOf(place.folder);
    const replaced = /"replaces":\[([^\]]*)\]/.exec(readFileSync(segment, "utf8"))?.[1] ?? "";
    const names = replaced.split(",").map((name) => JSON.parse(name) as string);
    assert.equal(names.length, 8);
    for (const name of names) rmSync(join(place.folder, name), { force: true });
    damageAt(segment, '"count":8');
    const { tasks } = await place.store({ onDamage: () => {} }).listTasks({ queue: "default" });
    assert.deepEqual(
      tasks.map(({ id, status }) => `${id} ${status}`),
      Array.from({ length: 8 }, (_none, round) => `task ${round} SUCCESS`),
    );
  });

  it("in its name in the journal stays, until somebody has repaired that", async () => {
    const path = await prepareArchive();
    const [segment = ""] = segmentsOf(place.folder);
    damageAt(segment, '"archived":{"file":"archive-');
    const store = place.store({ archiveAfter: 3, checkpointBytes: 1000, onDamage: () => {} });
    for (let round = 0; round < 20; round++) await enqueueOne(store);
    await untilRewritten(segment);
    await store.close();
    assert.ok(readdirSync(place.folder).includes(basename(path)));
  });
});
