import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { ManualClock } from "@omniq/core/testing";
import type { BaseStorage } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { segmentsOf, untilRewritten } from "./support/journal-files.ts";
import { usePlace } from "./support/place.ts";
import { claim, claimOne, complete, enqueueOne } from "@omniq/test-support/steps";

const place = usePlace();

/** Enqueues and completes tasks, in this order. */
async function finish(store: BaseStorage, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await enqueueOne(store, { id });
    await complete(store, await claimOne(store));
  }
}

async function idsOf(store: BaseStorage, limit: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<BaseStorage["listTasks"]>> = await store.listTasks({ limit, cursor });
    ids.push(...page.tasks.map(({ id }) => id));
    cursor = page.cursor;
    if (cursor === null) return ids;
  }
}

function archivesIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith("archive-"));
}

describe("finished tasks", () => {
  it("move into an archive once there are more than stay, and are read, listed and counted there", async () => {
    const store = place.store({ archiveAfter: 3 });
    await enqueueOne(store, { id: "waiting", queue: "other", due: { inMs: 60_000 } });
    for (const id of ["a", "b", "c", "d", "e"]) {
      await finish(store, id);
      await store.archive();
    }
    assert.equal(archivesIn(place.folder).length, 1);
    const other = place.store();
    for (const reader of [store, other]) {
      assert.deepEqual(await idsOf(reader, 2), ["waiting", "a", "b", "c", "d", "e"]);
      assert.equal((await reader.getTask("a"))?.status, "SUCCESS");
      assert.equal((await reader.getResult("a"))?.value, 1);
      const counts = (await reader.countTasks()).map(
        ({ queue, status, count }) => `${queue} ${status} ${count}`,
      );
      assert.deepEqual(counts.toSorted(), ["default SUCCESS 5", "other PENDING 1"]);
    }
  });

  it("come back in their place, and go into an archive again", async () => {
    const store = place.store({ archiveAfter: 0 });
    await finish(store, "a", "b", "c");
    await store.archive();
    await store.reschedule("b", new Date());
    assert.deepEqual(await idsOf(store, 1), ["a", "b", "c"]);
    const again = await claimOne(store);
    assert.deepEqual([again.record.id, again.record.run], ["b", 2]);
    await complete(store, again);
    await store.archive();
    for (const reader of [store, place.store()]) {
      assert.deepEqual(await idsOf(reader, 1), ["a", "b", "c"]);
      assert.equal((await reader.getResult("b"))?.run, 2);
      assert.equal((await reader.getResult("b", { run: 1 }))?.run, 1);
    }
  });

  it("that are deleted take their results along, and leave the id free", async () => {
    const store = place.store({ archiveAfter: 0 });
    await finish(store, "a", "b");
    await store.archive();
    await store.deleteTask("a");
    for (const reader of [store, place.store()]) {
      assert.equal(await reader.getTask("a"), null);
      assert.equal(await reader.getResult("a"), null);
    }
    await enqueueOne(store, { id: "a" });
    assert.deepEqual(await idsOf(place.store(), 10), ["b", "a"]);
  });

  it("answer a second task of the same content as those in memory do, and refuse another", async () => {
    const store = place.store({ archiveAfter: 0 });
    await finish(store, "a");
    await store.archive();
    const { groups } = await store.enqueue({ groups: [[{ id: "a", name: "work" }]] });
    assert.deepEqual(groups, [[{ status: "existing", id: "a" }]]);
    await assert.rejects(enqueueOne(store, { id: "a", payload: "another" }), { code: "duplicate_task" });
  });

  it("are purged by when they have finished, and their results outlive them", async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const store = place.store({ archiveAfter: 0, clock });
    await finish(store, "a", "b", "c");
    await store.archive();
    await clock.advance(1000);
    await finish(store, "d");
    await store.archive();
    assert.equal(await store.purge({ before: clock.now(), limit: 2 }), 2);
    assert.equal(await store.purge({ before: clock.now(), limit: 2 }), 1);
    assert.equal(await store.purge({ before: clock.now(), limit: 2 }), 0);
    const reader = place.store({ clock });
    assert.deepEqual(await idsOf(reader, 10), ["d"]);
    assert.equal((await reader.getResult("a"))?.value, 1);
    await clock.advance(86_400_000);
    assert.equal(await store.purgeResults(), 4);
    assert.equal(await reader.purgeResults(), 0);
    assert.equal(await reader.getResult("a"), null);
    assert.equal((await reader.getTask("d"))?.status, "SUCCESS");
  });

  it("with results of several runs keep them all", async () => {
    const store = place.store({ archiveAfter: 0 });
    await finish(store, "a");
    for (const run of [2, 3]) await store.putResult({ taskId: "a", run, status: "SUCCESS", value: run });
    await store.archive();
    await store.putResult({ taskId: "a", run: 1, status: "SUCCESS", value: "again" });
    await store.putResult({ taskId: "a", run: 4, status: "SUCCESS", value: 4 });
    const reader = place.store();
    const values = [];
    for (const run of [1, 2, 3, 4]) values.push((await reader.getResult("a", { run }))?.value);
    assert.deepEqual(values, ["again", 2, 3, 4]);
    assert.equal((await reader.getResult("a"))?.run, 4);
    assert.equal(await store.deleteResult("a"), true);
    assert.equal(await reader.getResult("a"), null);
  });
});

describe("archives", () => {
  it("become one where there are eight, without what has gone, and go when the journal is rewritten", async () => {
    const store = place.store({ archiveAfter: 1, checkpointBytes: 2000 });
    const lagging = place.store();
    await lagging.open();
    const ids = Array.from({ length: 70 }, (_none, index) => `task ${index}`);
    for (const [index, id] of ids.entries()) {
      await finish(store, id);
      if (index % 10 === 5) await store.deleteTask(ids[index - 2] as string);
      await store.archive();
    }
    const left = ids.filter((_id, index) => index % 10 !== 3);
    assert.deepEqual(await idsOf(lagging, 7), left);
    for (let round = 0; round < 20; round++) await enqueueOne(store, { id: `more ${round}` });
    await store.close();
    // Two of 28 or more, or one of 64 lines, and a few small ones; none of those that were before them.
    assert.ok(archivesIn(place.folder).length <= 15, archivesIn(place.folder).join(" "));
    for (const reader of [lagging, place.store()]) {
      assert.deepEqual((await idsOf(reader, 9)).slice(0, left.length), left);
      for (const id of left) assert.equal((await reader.getResult(id))?.value, 1);
    }
  });

  it("of which nothing is left are no longer named, and go", async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const store = place.store({ archiveAfter: 0, clock, checkpointBytes: 1000 });
    await finish(store, "a", "b", "c");
    await store.archive();
    await clock.advance(86_400_000);
    assert.equal(await store.purge({ before: clock.now() }), 3);
    assert.equal(await store.purgeResults(), 3);
    const [old = ""] = segmentsOf(place.folder);
    for (let round = 0; round < 40; round++) await enqueueOne(store);
    await untilRewritten(old);
    await store.close();
    assert.deepEqual(archivesIn(place.folder), []);
    assert.equal((await claim(place.store({ clock }), 50)).length, 40);
  });

  it("are named by a journal that is rewritten, and their tasks left out", async () => {
    const store = place.store({ archiveAfter: 0, checkpointBytes: 1000 });
    await finish(store, "a", "b");
    await store.archive();
    const [first = ""] = segmentsOf(place.folder);
    for (let round = 0; round < 40; round++) await enqueueOne(store, { id: `more ${round}` });
    await untilRewritten(first);
    await store.close();
    const [path = "", ...others] = segmentsOf(place.folder);
    assert.deepEqual(others, []);
    const journal = readFileSync(path, "utf8");
    assert.match(journal, /"archived":\{"file":"archive-/);
    assert.doesNotMatch(journal, /"(new|put)":\{"id":"[ab]"/);
    assert.deepEqual((await idsOf(place.store(), 100)).slice(0, 2), ["a", "b"]);
  });

  it("have a journal rewritten that was long before they were", async () => {
    const options = { checkpointBytes: 20_000 };
    const before = place.store(options);
    const ids = Array.from({ length: 80 }, (_none, index) => `task ${index}`);
    await finish(before, ...ids);
    await before.close();
    const long = segmentsOf(place.folder).at(-1) as string;
    const store = place.store({ ...options, archiveAfter: 0 });
    await store.archive();
    // Without the archives it would have to double, which this is far from.
    await enqueueOne(store, { id: "more" });
    await untilRewritten(long);
    await store.close();
    const size = statSync(segmentsOf(place.folder).at(-1) as string).size;
    assert.ok(size < 20_000, `${size} bytes`);
    assert.deepEqual(await idsOf(place.store(), 100), [...ids, "more"]);
  });

  it("may be made while the results are read page by page", async () => {
    const store = place.store({ archiveAfter: 0 });
    const ids = Array.from({ length: 20 }, (_none, index) => `task ${index}`);
    await finish(store, ...ids);
    await store.putResult({ taskId: "of no task", run: 1, status: "SUCCESS", value: 1 });
    await store.deleteTask("task 3");
    const found: string[] = [];
    for (let cursor: string | null = null; ;) {
      const page: Awaited<ReturnType<typeof store.listResults>> = await store.listResults({
        cursor,
        limit: 3,
      });
      found.push(...page.results.map(({ taskId }) => taskId));
      cursor = page.cursor;
      if (cursor === null) break;
      await store.archive();
    }
    assert.deepEqual(found, [...ids.filter((id) => id !== "task 3"), "of no task"]);
  });
});
