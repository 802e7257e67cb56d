import assert from "node:assert/strict";
import { TaskError } from "@omniq/core";
import type { ClaimedTask, SettleParams } from "@omniq/core/storage";
import type { RedisStorage } from "@omniq/storage-redis";
import { claim, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { readFixture } from "./support/fixture.ts";
import { usePlace } from "./support/place.ts";
import { clientOf, keysOf, sharedServer } from "./support/server.ts";

const place = usePlace();

type Outcome = SettleParams["settlements"][number]["outcome"];

const LARGE = "x".repeat(2000);
const DONE = { kind: "complete", result: { text: "done" } } as const;
const FAILED: Outcome = { kind: "fail", error: TaskError.fromException(new Error("no")) };

/** Tasks of several queues, priorities and sizes, claimed in two calls; "z" comes last. */
async function claimed(
  keep: "all" | "result" | "none",
  ids = "abcdefz",
): Promise<{
  store: RedisStorage;
  tasks: ClaimedTask[];
}> {
  const store = await place.store({ testClock: true });
  await store.open();
  const client = clientOf(await sharedServer());
  const keys = await keysOf(client, place.prefix);
  if (keys.length > 0) await client.unlink(...keys);
  await store.setTestClock(1000);
  const group = ids.split("").map((id, n) => ({
    name: "work",
    id,
    queue: n % 2 === 0 ? "even" : "odd",
    priority: n % 3,
    payload: n % 4 === 0 ? LARGE : n,
    due: n % 3 === 0 ? { at: 1000 } : { at: n },
    policies: { keep },
  }));
  await store.enqueue({ groups: [group] });
  await store.setTestClock(2000);
  const tasks = [...(await claim(store, 3)), ...(await claim(store, 10))];
  assert.equal(tasks.length, ids.length);
  await store.setTestClock(3000);
  return { store, tasks: tasks.sort((one, other) => (one.record.id < other.record.id ? -1 : 1)) };
}

async function settle(store: RedisStorage, tasks: readonly ClaimedTask[], outcome: Outcome = DONE) {
  const { answers } = await store.settle({ settlements: tasks.map((task) => ({ task, outcome })) });
  return answers.map(({ status }) => status);
}

/** What is stored. Tokens are of the real time, and a hash has no order. */
async function stored(): Promise<unknown> {
  const all = await readFixture(clientOf(await sharedServer()), place.prefix);
  const plain = (arg: string): string => arg.replaceAll(/1[78]\d{14}/g, "(token)");
  return Object.fromEntries(Object.entries(all).map(([key, args]) => [key, args.map(plain).toSorted()]));
}

describe("leases that end alike", () => {
  for (const keep of ["all", "result", "none"] as const)
    it(`leave what they leave beside one that ends in another way, where they keep ${keep}`, async () => {
      const alone = await claimed(keep);
      const [others, last] = [alone.tasks.slice(0, -1), alone.tasks.slice(-1)];
      assert.deepEqual(await settle(alone.store, others), Array(6).fill("settled"));
      assert.deepEqual(await settle(alone.store, last, FAILED), ["settled"]);
      const left = await stored();

      const { store, tasks } = await claimed(keep);
      const { answers } = await store.settle({
        settlements: tasks.map((task, n) => ({ task, outcome: n < 6 ? DONE : FAILED })),
      });
      assert.deepEqual(
        answers.map(({ status }) => status),
        Array(7).fill("settled"),
      );
      assert.deepEqual(left, await stored());
    });

  for (const keep of ["all", "result", "none"] as const)
    it(`end, but for one whose lease is lost, where they keep ${keep}`, async () => {
      const { store, tasks } = await claimed(keep, "abcd");
      await store.cancel("b");
      assert.deepEqual(await settle(store, tasks), ["settled", "lost", "settled", "settled"]);
      const again = keep === "all" ? "repeated" : "gone";
      assert.deepEqual(await settle(store, tasks), [again, "lost", again, again]);
      for (const id of "acd") {
        const found = await store.getResult(id);
        assert.equal(found?.status, keep === "none" ? undefined : "SUCCESS");
      }
      assert.equal((await store.countTasks()).filter(({ status }) => status === "RUNNING").length, 0);
    });

  it("let go of their dedupe keys", async () => {
    const store = await place.store();
    const enqueue = (id: string): Promise<string> => enqueueOne(store, { id, dedupe: { key: "k" } });
    await enqueue("a");
    await enqueueOne(store, { id: "b" });
    assert.deepEqual(await settle(store, await claim(store, 2)), ["settled", "settled"]);
    assert.equal(await enqueue("c"), "c");
  });

  it("end as nothing that was not asked for, where a row cannot be read", async () => {
    const { store, tasks } = await claimed("all", "abc");
    const client = clientOf(await sharedServer());
    await client.hset(`{${place.prefix}}:tasks`, "b", "nonsense");
    assert.deepEqual(await settle(store, tasks), ["settled", "gone", "settled"]);
    assert.equal(await client.hget(`{${place.prefix}}:tasks`, "b"), "nonsense");
  });

  it("are as many as a worker may hold, in whatever sizes", async () => {
    const store = await place.store();
    await store.enqueue({ groups: [Array.from({ length: 1500 }, (_, n) => ({ name: "work", payload: n }))] });
    const tasks = await claim(store, 1500);
    assert.deepEqual(new Set(await settle(store, tasks)), new Set(["settled"]));
    assert.deepEqual(await store.countTasks(), [{ queue: "default", status: "SUCCESS", count: 1500 }]);
    const client = clientOf(await sharedServer());
    assert.deepEqual(await client.keys(`{${place.prefix}}:leases:*`), []);
  });
});
