import assert from "node:assert/strict";
import type { BaseStorage } from "@omniq/core/storage";
import { claim, claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { beforeEach, describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { clientOf, sharedServer } from "./support/server.ts";

const place = usePlace();
let store: Awaited<ReturnType<typeof place.store>>;

beforeEach(async () => {
  store = await place.store({ testClock: true });
  await store.setTestClock(1_000_000);
});

/** A payload of 5,000 characters. */
function large(letter: string): string {
  return letter.repeat(5000);
}

/** As much of a payload as a message should show. */
function digest(payload: unknown): unknown {
  return typeof payload === "string" ? `${payload.slice(0, 3)} ${payload.length}` : payload;
}

function expectSame(payloads: readonly unknown[], expected: readonly unknown[]): void {
  assert.deepEqual(payloads.map(digest), expected.map(digest));
}

/** The payloads of tasks as they are stored. */
function payloadsOf(tasks: readonly { readonly payload: string }[]): readonly unknown[] {
  return tasks.map(({ payload }) => JSON.parse(payload) as unknown);
}

/** The ids whose payloads stand apart; and no row of theirs is long. */
async function apart(): Promise<readonly string[]> {
  const client = clientOf(await sharedServer());
  const rows = await client.hvals(`{${place.prefix}}:tasks`);
  for (const row of rows) assert.ok(row.length < 1500, `a row of ${row.length} characters`);
  return (await client.hkeys(`{${place.prefix}}:payloads`)).toSorted();
}

async function expectPayloads(from: BaseStorage, expected: Readonly<Record<string, unknown>>): Promise<void> {
  const { tasks } = await from.listTasks();
  assert.deepEqual(
    tasks.map(({ id }) => id),
    Object.keys(expected),
  );
  expectSame(payloadsOf(tasks), Object.values(expected));
  const read = await Promise.all(Object.keys(expected).map((id) => from.getTask(id)));
  expectSame(
    read.map((task) => task?.payload),
    Object.values(expected),
  );
}

describe("a large payload", () => {
  it("stands apart, however its task came, and is there in all answers", async () => {
    const [a, b, c] = [large("a"), large("b"), large("c")];
    await enqueueOne(store, { id: "a", payload: a });
    await store.enqueue({
      groups: [
        [
          { name: "work", id: "b", payload: b },
          { name: "work", id: "small", payload: 1 },
        ],
      ],
    });
    assert.deepEqual(await apart(), ["a", "b"]);
    const claimed = await claim(store);
    expectSame(payloadsOf(claimed.map(({ record }) => record)), [a, b, 1]);
    const child = { name: "work", id: "c", payload: c };
    const [task] = claimed;
    assert.ok(task);
    await store.settle({
      settlements: [{ task, outcome: { kind: "complete", result: 1 }, enqueue: [child] }],
    });
    assert.deepEqual(await apart(), ["a", "b", "c"]);
    await expectPayloads(store, { a, b, small: 1, c });

    await store.setTestClock(1_100_000);
    const recovered = await claim(store);
    expectSame(payloadsOf(recovered.map(({ record }) => record)), [b, 1, c]);
  });

  it("is not touched by another under its id", async () => {
    await enqueueOne(store, { id: "a", payload: large("a") });
    const other = { name: "work", id: "a", payload: large("b") };
    for (const group of [[other], [other, { name: "work" }]]) {
      const { groups } = await store.enqueue({ groups: [group] });
      assert.equal(groups[0]?.[0]?.status, "error");
    }
    await expectPayloads(store, { a: large("a") });
  });

  it("goes with its task", async () => {
    for (const keep of ["none", "all"] as const)
      await enqueueOne(store, { id: keep, payload: large("a"), policies: { keep } });
    for (const task of await claim(store)) assert.equal((await complete(store, task)).status, "settled");
    assert.deepEqual(await apart(), ["all"]);
    await store.setTestClock(2_000_000);
    await store.purge({ before: 1_500_000 });
    assert.deepEqual(await apart(), []);
    await enqueueOne(store, { id: "deleted", payload: large("a") });
    await store.deleteTask("deleted");
    assert.deepEqual(await apart(), []);
  });

  it("changes with its schedule, in a run of it too", async () => {
    const recurrence = { everyMs: 1000, cadence: "fixed", missed: "skip", onFailure: "continue" } as const;
    const schedule = (payload: unknown): Promise<unknown> =>
      store.schedule({ name: "work", id: "daily", payload, recurrence });
    await schedule(1);
    assert.deepEqual(await apart(), []);
    await schedule(large("a"));
    await expectPayloads(store, { daily: large("a") });
    await store.setTestClock(1_001_000);
    const task = await claimOne(store);
    expectSame(payloadsOf([task.record]), [large("a")]);
    await schedule(large("b"));
    assert.equal((await complete(store, task)).status, "settled");
    await expectPayloads(store, { daily: large("b") });
    assert.deepEqual(await apart(), ["daily"]);
    await schedule(2);
    assert.deepEqual(await apart(), []);
    await expectPayloads(store, { daily: 2 });
  });

  it("is taken over from another store", async () => {
    await enqueueOne(store, { id: "a", payload: large("a") });
    const { tasks } = await store.listTasks();
    await store.deleteTask("a");
    assert.deepEqual(await store.importTasks(tasks), ["created"]);
    assert.deepEqual(await apart(), ["a"]);
    await expectPayloads(store, { a: large("a") });
  });
});

describe("a payload that somebody removed by hand", () => {
  it("leaves a task that cannot be read, is set aside by a claim, and holds up no other", async () => {
    for (const id of ["a", "b"]) await enqueueOne(store, { id, payload: large(id) });
    const client = clientOf(await sharedServer());
    await client.hdel(`{${place.prefix}}:payloads`, "a");
    await assert.rejects(store.getTask("a"), { name: "CorruptRecordError", recordId: "a" });
    assert.deepEqual(
      (await store.listTasks()).tasks.map(({ id }) => id),
      ["b"],
    );
    expectSame(payloadsOf((await claim(store)).map(({ record }) => record)), [large("b")]);
    assert.deepEqual(await client.smembers(`{${place.prefix}}:corrupt`), ["a"]);
  });
});

describe("a payload that ends as a row does whose payload stands apart", () => {
  it.each(["\u0001", "\0\u0001", ""])("comes back as it was: %j", async (text) => {
    const odd = await place.store({ serializer: { format: "odd", encode: () => text, decode: () => text } });
    await enqueueOne(odd, { id: "a", payload: text });
    assert.equal((await claimOne(odd)).record.payload, text);
    assert.equal((await odd.getTask("a"))?.payload, text);
    assert.equal((await odd.listTasks()).tasks[0]?.payload, text);
  });
});
