import assert from "node:assert/strict";
import { TaskQueue, defineTask, silentLogger } from "@omniq/core";
import { writeFixture } from "@omniq/storage-testkit";
import { claim, complete, enqueueOne, expectOneUnderItsId } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { fixtureOf, readFixture } from "./support/fixture.ts";
import { usePlace } from "./support/place.ts";
import { clientOf, keysOf, sharedServer } from "./support/server.ts";

const place = usePlace();

async function memoryOf(prefix: string): Promise<number> {
  const client = clientOf(await sharedServer());
  const sizes = await Promise.all(
    (await keysOf(client, prefix)).map((key) => client.call("MEMORY", "USAGE", key, "SAMPLES", "0")),
  );
  return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
}

/** Tokens are of the real time, and a hash has no order. */
function comparable(fixture: Readonly<Record<string, readonly string[]>>): unknown {
  const plain = (args: readonly string[]): string[] =>
    args.map((arg) => arg.replaceAll(/1[78]\d{14}/g, "(token)"));
  return Object.fromEntries(Object.entries(fixture).map(([key, args]) => [key, plain(args).toSorted()]));
}

describe("what is stored", () => {
  it("is at most 450 bytes for a small task that waits", async () => {
    const store = await place.store();
    const group = Array.from({ length: 4000 }, (_, n) => ({ name: "send-mail", payload: { to: n } }));
    await store.enqueue({ groups: [group] });
    const bytes = (await memoryOf(place.prefix)) / group.length;
    assert.ok(bytes <= 450, `${bytes} bytes a task`);
  });

  it("has the form of format 1, which older releases left behind", async () => {
    const store = await place.store({ testClock: true });
    await store.setTestClock(Date.UTC(2026, 0, 1));
    await writeFixture(store);
    const client = clientOf(await sharedServer());
    await client.hdel(`{${place.prefix}}:meta`, "clock", "examined");
    const written = await readFixture(client, place.prefix);
    assert.deepEqual(comparable(written), comparable(fixtureOf("format-1.json")));
  });

  it("is the same of tasks that come one by one as of many at once", async () => {
    const store = await place.store({ testClock: true });
    const client = clientOf(await sharedServer());
    const tasks = Array.from({ length: 300 }, (_, n) => ({
      name: "work",
      queue: n % 2 === 0 ? "even" : "odd",
      priority: n % 3,
      payload: { n },
      due: n % 4 === 0 ? { at: n } : { inMs: n },
    }));
    const storedBy = async (groups: readonly (typeof tasks)[]): Promise<unknown> => {
      await store.open();
      await client.unlink(...(await keysOf(client, place.prefix)));
      await store.setTestClock(1000);
      for (const group of groups) await store.enqueue({ groups: [group] });
      const text = JSON.stringify(comparable(await readFixture(client, place.prefix)));
      return JSON.parse(text.replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, "(id)"));
    };
    assert.deepEqual(await storedBy(tasks.map((task) => [task])), await storedBy([tasks]));
  });

  it("is nothing but known queues and counters once all is done and gone", async () => {
    const store = await place.store();
    for (let n = 0; n < 300; n++)
      await enqueueOne(store, { policies: { keep: "none" }, dedupe: { key: `k${n}` } });
    for (const task of await claim(store, 300)) await complete(store, task);
    const keys = await keysOf(clientOf(await sharedServer()), place.prefix);
    assert.deepEqual(
      keys.map((key) => key.split("}:")[1]).filter((key) => !key?.startsWith("priorities:")),
      ["meta", "queues"],
    );
  });
});

describe("a task that comes alone under an id that is there", () => {
  it("is the same task, or a duplicate where its content is another", async () => {
    await expectOneUnderItsId(await place.store({ ids: () => "minted" }));
  });
});

describe("results that have expired", () => {
  it("go with a later one after a day, where nobody sweeps", async () => {
    const store = await place.store({ testClock: true });
    const client = clientOf(await sharedServer());
    const completeOne = async (now: number): Promise<string[]> => {
      await store.setTestClock(now);
      const id = await enqueueOne(store, { policies: { resultTtlMs: 1000 } });
      for (const task of await claim(store)) assert.equal((await complete(store, task)).status, "settled");
      assert.equal((await store.getResult(id))?.value, 1);
      return client.hkeys(`{${place.prefix}}:results`);
    };
    const day = 86_400_000;
    assert.equal((await completeOne(day)).length, 1);
    assert.equal((await completeOne(day + 2000)).length, 2);
    assert.equal((await completeOne(3 * day)).length, 1);
    assert.equal(await client.zcard(`{${place.prefix}}:expiry`), 1);
  });
});

describe("a group", () => {
  it("of very many is stored whole", async () => {
    const store = await place.store();
    const group = Array.from({ length: 50_000 }, () => ({ name: "work" }));
    const { groups } = await store.enqueue({ groups: [group] });
    assert.ok(groups[0]?.every(({ status }) => status === "created"));
    assert.equal((await store.countTasks())[0]?.count, group.length);
  });
});

describe("enqueues that nobody waits for", () => {
  it("take effect in the order in which they were made", async () => {
    const store = await place.store({ testClock: true });
    await store.setTestClock(1);
    const work = defineTask({ name: "work", run: () => {} });
    const queue = new TaskQueue({ storage: store, tasks: [work], logger: silentLogger });
    const ids = await Promise.all(Array.from({ length: 1000 }, () => queue.enqueue(work)));
    assert.deepEqual(
      (await claim(store, 1000)).map(({ record }) => record.id),
      ids,
    );
  });
});

describe("queryEvents", () => {
  it("answers a cursor to go on where it has looked at enough, and all pages agree with a full scan", async () => {
    const store = await place.store();
    const events = Array.from({ length: 12_000 }, (_, n) => ({
      taskId: n % 4000 === 0 ? "rare" : `task ${n}`,
      type: "started" as const,
      run: n + 1,
      attempt: 1,
      workerId: null,
      data: null,
    }));
    await store.appendEvents(events);
    const runs: number[] = [];
    let pages = 0;
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const page: Awaited<ReturnType<typeof store.queryEvents>> = await store.queryEvents({
        taskId: "rare",
        cursor,
      });
      runs.push(...page.events.map(({ run }) => run));
      cursor = page.cursor;
      pages++;
    }
    assert.deepEqual(runs, [1, 4001, 8001]);
    assert.equal(pages, 2);
  });
});
