import assert from "node:assert/strict";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();
const recurrence = { everyMs: 1, cadence: "after", missed: "skip", onFailure: "continue" } as const;

/** A store of three tasks, the middle one broken by hand. */
async function brokenStore(column: string, text: string): Promise<ReturnType<typeof place.store>> {
  const store = place.store();
  for (const id of ["a", "b", "c"]) await enqueueOne(store, { id, ...(id === "b" && { recurrence }) });
  place.handle().prepare(`update tasks set ${column} = ? where id = 'b'`).run(text);
  return store;
}

const broken: readonly (readonly [column: string, text: string, what: string])[] = [
  ["schedule", "{", "schedule"],
  ["schedule", '{"everyMs":"often"}', "schedule"],
  ["policies", "nonsense", "policies"],
  ["payload", "{", "payload"],
  ["headers", "{", "headers"],
];

describe("GET-4: a record that was broken by hand", () => {
  it.each(broken)(
    "in its %s (%s) is named when it is read, and no other is touched",
    async (column, text, what) => {
      const store = await brokenStore(column, text);
      await assert.rejects(store.getTask("b"), {
        name: "CorruptRecordError",
        code: "corrupt_record",
        recordId: "b",
        message: `Record b is corrupt: its ${what} cannot be read`,
      });
      assert.equal((await store.getTask("a"))?.id, "a");
      assert.deepEqual(
        (await store.listTasks()).tasks.map(({ id }) => id),
        ["a", "b", "c"],
      );
      assert.deepEqual(
        (await claim(store)).map(({ record }) => record.id),
        ["a", "b", "c"],
      );
    },
  );

  it.each([
    ["schedule", "{"],
    ["schedule", '{"everyMs":60000,"cadence":"fixed"}'],
    ["policies", "nonsense"],
  ])("in its %s (%s) ends as failed when it is settled, and is not run again", async (column, text) => {
    const store = await brokenStore(column, text);
    for (const task of await claim(store)) {
      const answer = await complete(store, task);
      assert.equal(answer.status, "settled");
      const { outcome } = answer as { readonly outcome: { readonly kind: string; readonly error?: Error } };
      assert.equal(outcome.kind, task.record.id === "b" ? "fail" : "complete");
      if (outcome.error)
        assert.equal(outcome.error.message, `Record b is corrupt: its ${column} cannot be read`);
    }
    assert.deepEqual(await claim(store), []);
    const status = place.handle().prepare("select status from tasks where id = 'b'").pluck().get();
    assert.equal(status, "FAILED");
    assert.equal((await store.nextDue()).at, null);
  });

  it("can be deleted by its id", async () => {
    const store = await brokenStore("schedule", "{");
    await store.deleteTask("b");
    assert.equal(await store.getTask("b"), null);
  });
});
