import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { useChildren } from "@omniq/test-support/children";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();
const start = useChildren(new URL("fixtures/", import.meta.url));

describe("a process that is stopped while it holds the lock", () => {
  it.each([
    ["before its write", "write"],
    ["between its write and its sync", "sync"],
  ])("%s is taken over from, harms nothing when it wakes, and is told", async (_what, where) => {
    const program = start("stopping-writer", place.folder, where);
    assert.equal(await program.receive(), "first");
    while (!isStopped(program.pid)) await delay(5);

    const store = place.store({ stallLimit: "200ms" });
    assert.equal(await enqueueOne(store, { id: "meanwhile" }), "meanwhile");
    // What was written before the takeover counts; what was not will be written again.
    assert.equal((await store.getTask("late"))?.id, where === "sync" ? "late" : undefined);

    program.kill("SIGCONT");
    assert.deepEqual(await program.receive(), ["late", "meanwhile"]);
    assert.equal(await program.receive(), "last");
    assert.deepEqual(await program.exited, { code: 0, signal: null });

    const { tasks } = await store.listTasks();
    assert.deepEqual(tasks.map(({ id }) => id).toSorted(), ["first", "last", "late", "meanwhile"]);
    const claimed = await claim(store);
    assert.equal(claimed.length, 4);
    for (const task of claimed) assert.equal((await complete(store, task)).status, "settled");
    await store.close();

    assert.deepEqual(readdirSync(place.folder).toSorted(), ["journal-1.jsonl", "journal-2.jsonl", "wake"]);
    const reopened = place.store();
    const counts = await reopened.countTasks();
    assert.deepEqual(counts, [{ queue: "default", status: "SUCCESS", count: 4 }]);
  });
});

function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
}
