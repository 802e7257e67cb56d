import assert from "node:assert/strict";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { clientOf, sharedServer } from "./support/server.ts";

const place = usePlace();

const broken: readonly (readonly [what: string, damage: (row: string) => string])[] = [
  ["that is cut", (row) => row.slice(0, -30)],
  ["of another kind", () => "nonsense"],
  ["whose counter is none", (row) => `?${row.slice(1)}`],
  [
    "whose number beyond the part that a claim reads is none",
    (row) => row.replace("\0json\0\u00003\0", "\0json\0\0x\0"),
  ],
  ["that is empty", () => ""],
];

describe("GET-4: a row that was broken by hand", () => {
  it.each(broken)("%s is named when it is read, and no other is touched", async (_what, damage) => {
    const store = await place.store({ testClock: true });
    await store.setTestClock(1_000_000);
    for (const id of ["a", "b", "c"]) await enqueueOne(store, { id });
    const client = clientOf(await sharedServer());
    const key = `{${place.prefix}}:tasks`;
    const row = (await client.hget(key, "b")) ?? "";
    assert.notEqual(damage(row), row);
    await client.hset(key, "b", damage(row));

    await assert.rejects(store.getTask("b"), { name: "CorruptRecordError", recordId: "b" });
    assert.deepEqual(
      (await store.listTasks()).tasks.map(({ id }) => id),
      ["a", "c"],
    );
    const tasks = await claim(store);
    assert.deepEqual(
      tasks.map(({ record }) => record.id),
      ["a", "c"],
    );
    for (const task of tasks) assert.equal((await complete(store, task)).status, "settled");
    await store.setTestClock(2_000_000);
    assert.deepEqual(await claim(store), []);
    assert.equal((await store.nextDue()).at, null);
    assert.deepEqual(await client.smembers(`{${place.prefix}}:corrupt`), ["b"]);
  });
});
