import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { StorageError } from "@omniq/core";
import { ManualClock } from "@omniq/core/testing";
import type { JournalError } from "@omniq/journal";
import { claim, claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { contentsOf, flipBit, makeNewer, segmentsOf, untilRewritten } from "./support/journal-files.ts";
import { usePlace } from "./support/place.ts";

const place = usePlace();

/** A folder with three tasks. Answers the path of its segment. */
async function prepare(): Promise<string> {
  const store = place.store();
  for (const id of ["a", "b", "c"]) await enqueueOne(store, { id, payload: { some: id } });
  await store.close();
  return segmentsOf(place.folder)[0] as string;
}

describe("a journal that is damaged", () => {
  it("in one record is told of, naming file and offset, and all else can be used", async () => {
    await prepare();
    const { path, offset } = flipBit(place.folder, "b");
    const before = readFileSync(path);
    const told: JournalError[] = [];
    const store = place.store({ onDamage: (error: StorageError) => void told.push(error as JournalError) });
    await assert.rejects(store.getTask("b"), {
      name: "CorruptRecordError",
      code: "corrupt_record",
      recordId: "b",
      message: new RegExp(`${offset}`),
    });
    assert.deepEqual(
      told.map((error) => [error.code, error.path, error.offset]),
      [["damaged_record", path, offset]],
    );
    await assert.rejects(enqueueOne(store, { id: "b" }), { code: "duplicate_task" });
    assert.deepEqual(
      (await claim(store)).map(({ record }) => record.id),
      ["a", "c"],
    );
    assert.equal((await store.describe()).durability["unreadable_tasks"], "1");
    // Nothing was written over it.
    assert.deepEqual(readFileSync(path).subarray(0, before.length), before);
  });

  it("keeps what cannot be read when it is rewritten", async () => {
    await prepare();
    flipBit(place.folder, "b");
    const store = place.store({ checkpointBytes: 1000, onDamage: () => {} });
    const [before = ""] = segmentsOf(place.folder);
    for (let round = 0; round < 30; round++) await enqueueOne(store);
    await untilRewritten(before);
    await store.close();
    const [path = ""] = segmentsOf(place.folder);
    assert.match(readFileSync(path, "utf8"), /"damaged":\{"ids":\["b"\]/);
    const reopened = place.store({ onDamage: () => {} });
    await assert.rejects(reopened.getTask("b"), { code: "corrupt_record" });
    assert.equal((await reopened.getTask("c"))?.id, "c");
  });

  it("at its end, by a write that was torn, is cut there", async () => {
    const path = await prepare();
    const whole = readFileSync(path);
    appendFileSync(path, '{"c":"00000000","r":[{"put":{"id":"torn"');
    const store = place.store();
    assert.equal((await store.listTasks()).tasks.length, 3);
    await enqueueOne(store, { id: "d" });
    assert.deepEqual(readFileSync(path).subarray(0, whole.length), whole);
    assert.equal((await place.store().listTasks()).tasks.length, 4);
  });

  it("by the loss of its last bytes keeps the rest", async () => {
    const path = await prepare();
    truncateSync(path, readFileSync(path).length - 20);
    const store = place.store();
    assert.deepEqual(
      (await store.listTasks()).tasks.map(({ id }) => id),
      ["a", "b"],
    );
    await enqueueOne(store, { id: "c" });
  });

  it("in a header is refused, and left as it is", async () => {
    const path = await prepare();
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    writeFileSync(path, bytes);
    const before = contentsOf(place.folder);
    await assert.rejects(place.store().open(), { code: "damaged_journal", path, offset: 0 });
    assert.equal(contentsOf(place.folder), before);
  });

  it("by a segment that is gone is refused", async () => {
    const path = await prepare();
    const bytes = readFileSync(path, "latin1");
    // A second segment, as a takeover makes it.
    const other = place.store();
    writeFileSync(join(place.folder, "journal-1.taken"), "");
    await enqueueOne(other, { id: "d" });
    await other.close();
    assert.equal(segmentsOf(place.folder).length, 2);
    rmSync(path);
    await assert.rejects(place.store().open(), { code: "damaged_journal", path });
    writeFileSync(path, bytes, "latin1");
    assert.equal((await place.store().listTasks()).tasks.length, 4);
  });
});

describe("a journal of another release", () => {
  it("that is newer is refused, and left as it is", async () => {
    const path = await prepare();
    makeNewer(place.folder);
    const before = contentsOf(place.folder);
    const store = place.store();
    await assert.rejects(store.open(), { code: "schema_too_new", path, retryable: false });
    await assert.rejects(enqueueOne(store), { code: "schema_too_new" });
    await store.close();
    assert.equal(contentsOf(place.folder), before);
  });

  it("that a newer release goes on with is not used any more by an older one that has it open", async () => {
    await prepare();
    const store = place.store();
    await store.open();
    const newer = place.store({ folder: join(place.root, "newer") });
    cpSync(place.folder, join(place.root, "newer"), { recursive: true });
    writeFileSync(join(place.root, "newer", "journal-1.taken"), "");
    await enqueueOne(newer, { id: "d" });
    await newer.close();
    makeNewer(join(place.root, "newer"));
    cpSync(join(place.root, "newer", "journal-2.jsonl"), join(place.folder, "journal-2.jsonl"));
    await assert.rejects(store.listTasks(), { code: "schema_too_new" });
    await assert.rejects(enqueueOne(store), { code: "schema_too_new" });
  });
});

describe("a clock that is set back", () => {
  it("gives no token twice, and loses no task", async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 2));
    const store = place.store({ clock });
    await enqueueOne(store, { id: "a" });
    const first = await claimOne(store);
    clock.set(Date.UTC(2026, 0, 1));
    await enqueueOne(store, { id: "b" });
    const second = await claimOne(store);
    assert.ok(second.lease.token > first.lease.token);
    await store.close();
    const reopened = place.store({ clock });
    for (const task of [first, second]) assert.equal((await complete(reopened, task)).status, "settled");
  });
});

describe("a store that is destroyed", () => {
  it("removes its files and no other, and an open one elsewhere finds it empty", async () => {
    await prepare();
    writeFileSync(join(place.folder, "mine.txt"), "mine");
    const other = place.store();
    assert.equal((await other.listTasks()).tasks.length, 3);
    await place.store().destroy();
    assert.deepEqual(
      readdirSync(place.folder).filter((name) => !name.endsWith(".holder")),
      ["mine.txt"],
    );
    assert.deepEqual((await other.listTasks()).tasks, []);
    await enqueueOne(other, { id: "new" });
    await other.close();
    rmSync(join(place.folder, "mine.txt"));
    await place.store().destroy();
    assert.throws(() => readdirSync(place.folder), { code: "ENOENT" });
  });
});
