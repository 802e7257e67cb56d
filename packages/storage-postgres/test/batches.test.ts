import assert from "node:assert/strict";
import type { PostgresStorage } from "@omniq/storage-postgres";
import { claim, claimOne, enqueueOne, expectOneUnderItsId } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

function codeOf(error: Error): unknown {
  return (error as { readonly code?: unknown }).code;
}

/** What became of each task of a call, group by group, in short. */
function answeredOf(groups: Awaited<ReturnType<PostgresStorage["enqueue"]>>["groups"]) {
  return groups.map((group) =>
    group.map((answer) =>
      answer.status === "error" ? codeOf(answer.error) : `${answer.status} ${answer.id}`,
    ),
  );
}

/** Stores tasks in one call, and says what became of each and what is stored then. */
async function statuses(groups: readonly (readonly { id: string; payload?: number; key?: string }[])[]) {
  const store = place.store();
  const { groups: answers } = await store.enqueue({
    groups: groups.map((group) =>
      group.map(({ id, payload = 0, key }) => ({
        name: "work",
        id,
        payload,
        ...(key !== undefined && { dedupe: { key } }),
      })),
    ),
  });
  const { tasks } = await store.listTasks();
  return { answered: answeredOf(answers), stored: tasks.map(({ id }) => id) };
}

describe("tasks that come one by one", () => {
  it("are stored as many at once are", async () => {
    const store = place.store({ testClock: true });
    const tasks = Array.from({ length: 20 }, (_, n) => ({
      name: "work",
      queue: n % 2 === 0 ? "even" : "odd",
      priority: n,
      payload: { text: `"\\ ${n}` },
      due: n % 3 === 0 ? { at: n } : { inMs: n },
      ...(n % 5 === 0 && { headers: { trace: "a" }, timeoutMs: n + 1, maxRetries: n, concurrencyKey: "k" }),
      ...(n % 7 === 0 && { policies: { keep: "none" as const } }),
      ...(n === 11 && {
        recurrence: { everyMs: 1, cadence: "after", missed: "once", onFailure: "stop" } as const,
      }),
    }));
    const storedBy = async (groups: readonly (typeof tasks)[]): Promise<unknown> => {
      await store.setTestClock(1000);
      for (const group of groups) {
        const answer = await store.enqueue({ groups: [group] });
        assert.ok(answer.groups[0]?.every(({ status }) => status === "created"));
      }
      const stored = await place.sql(`select * from "${place.schema}".tasks order by seq`);
      const queues = await place.sql(`select name from "${place.schema}".queues order by name`);
      await place.sql(`truncate "${place.schema}".tasks, "${place.schema}".queues`);
      return { queues, tasks: stored.map((row) => ({ ...row, id: null, seq: null })) };
    };
    assert.deepEqual(await storedBy(tasks.map((task) => [task])), await storedBy([tasks]));
  });
});

describe("tasks of one call that differ in their content alone", () => {
  const alike = (texts: readonly string[]) =>
    texts.map((text) => ({ name: "work", priority: 2, payload: { text } }));

  /** A store that gives new tasks these ids, one after the other. */
  function storeOf(...ids: readonly string[]) {
    const left = [...ids];
    return place.store({ ids: () => left.shift() ?? "one too many" });
  }

  it("are stored as such that differ in more are, in their order", async () => {
    const store = place.store({ testClock: true });
    await store.setTestClock(1000);
    const tasks = alike(["", '"\\{},()', "null", "ä 🜂"]).map((task) => ({ ...task, due: { inMs: 5 } }));
    await store.enqueue({ groups: [tasks, tasks] });
    await store.enqueue({ groups: [tasks, [...tasks, { name: "other" }]] });
    const rows = await place.sql(`select * from "${place.schema}".tasks order by seq`);
    const stored = rows.map((row) => ({ ...row, id: null, seq: null }));
    assert.deepEqual(stored.slice(0, 8), stored.slice(8, 16));
    assert.deepEqual(
      rows.slice(0, 4).map(({ payload }) => JSON.parse(String(payload)) as unknown),
      tasks.map(({ payload }) => payload),
    );
  });

  it("are the tasks that stand under their ids, or duplicates where the content is another", async () => {
    const store = storeOf("a", "b", "a", "b", "c", "d", "e", "a");
    await store.enqueue({ groups: [alike(["1", "2"])] });
    const [same, one, two] = alike(["1", "2", "3"]);
    assert.ok(same && one && two);
    const { groups } = await store.enqueue({ groups: [[same], [two], [one], [one, two, two]] });
    assert.deepEqual(answeredOf(groups), [
      ["existing a"],
      ["duplicate_task"],
      ["created c"],
      ["group_refused", "group_refused", "duplicate_task"],
    ]);
    assert.deepEqual(
      (await store.listTasks()).tasks.map(({ id }) => id),
      ["a", "b", "c"],
    );
  });
});

describe("a task that comes alone under an id that is there", () => {
  it("is the same task, or a duplicate where its content is another", async () => {
    await expectOneUnderItsId(place.store({ ids: () => "minted" }));
  });
});

describe("tasks of one call that end alike", () => {
  const KEEPS = ["all", "result", "none"] as const;

  /** Tasks that are claimed, in the order of their ids, on a clock of tests. */
  async function claimed(keep: (typeof KEEPS)[number]) {
    const store = place.store({ testClock: true });
    await store.setTestClock(1000);
    const group = ["a", "b", "c", "d"].map((id) => ({ name: "work", id, policies: { keep } }));
    await store.enqueue({ groups: [group] });
    await store.setTestClock(2000);
    const tasks = [...(await claim(store, 4))];
    return { store, tasks: tasks.sort((one, other) => (one.lease.taskId < other.lease.taskId ? -1 : 1)) };
  }

  /** Ends tasks in calls of so many. Each has its number as its result. */
  async function settle({ store, tasks }: Awaited<ReturnType<typeof claimed>>, size: number) {
    const ended: string[] = [];
    for (let from = 0; from < tasks.length; from += size) {
      const settlements = tasks.slice(from, from + size).map((task, index) => ({
        task,
        outcome: { kind: "complete", result: { text: `"\\ ${from + index}` } } as const,
      }));
      const { answers } = await store.settle({ settlements });
      ended.push(...answers.map(({ status }) => status));
    }
    return ended;
  }

  const rowsOf = (table: string, order: string) =>
    place.sql(`select * from "${place.schema}".${table} order by ${order}`);

  for (const keep of KEEPS)
    it(`leave what they leave when each ends in a call of its own, where they keep ${keep}`, async () => {
      const left: unknown[] = [];
      for (const size of [1, 4]) {
        assert.deepEqual(await settle(await claimed(keep), size), Array(4).fill("settled"));
        const [tasks, results] = [await rowsOf("tasks", "id"), await rowsOf("results", "task_id")];
        assert.equal(results.length, keep === "none" ? 0 : 4);
        left.push({ tasks: tasks.map((row) => ({ ...row, seq: null, settled_token: null })), results });
        await place.sql(`truncate "${place.schema}".tasks, "${place.schema}".results`);
      }
      assert.deepEqual(left[0], left[1]);
    });

  for (const keep of KEEPS)
    it(`end, but for one whose lease is lost, where they keep ${keep}`, async () => {
      const { store, tasks } = await claimed(keep);
      await store.cancel("b");
      assert.deepEqual(await settle({ store, tasks }, 4), ["settled", "lost", "settled", "settled"]);
      const waiting = await place.sql(`select id from "${place.schema}".tasks where status = 'RUNNING'`);
      assert.deepEqual(waiting, []);
      const results = await rowsOf("results", "task_id");
      assert.deepEqual(
        results.map((row) => row["task_id"]),
        keep === "none" ? [] : ["a", "c", "d"],
      );
    });

  it("write over a result that stands", async () => {
    const { store, tasks } = await claimed("all");
    await place.sql(
      `insert into "${place.schema}".results (task_id, run, status, value, format, attempts, finished_at)
       values ('c', 1, 'SUCCESS', '"old"', 'json', 1, 1)`,
    );
    assert.deepEqual(await settle({ store, tasks }, 4), Array(4).fill("settled"));
    const results = await rowsOf("results", "task_id");
    assert.deepEqual(
      results.map((row) => JSON.parse(String(row["value"])) as unknown),
      [0, 1, 2, 3].map((n) => ({ text: `"\\ ${n}` })),
    );
  });
});

describe("one call to a function", () => {
  it("with an id twice stores the first", async () => {
    const { answered, stored } = await statuses([[{ id: "a" }], [{ id: "a" }], [{ id: "a", payload: 1 }]]);
    assert.deepEqual(answered, [["created a"], ["existing a"], ["duplicate_task"]]);
    assert.deepEqual(stored, ["a"]);
  });

  it("with a dedupe key twice stores the first", async () => {
    const { answered, stored } = await statuses([[{ id: "a", key: "k" }], [{ id: "b", key: "k" }]]);
    assert.deepEqual(answered, [["created a"], ["existing a"]]);
    assert.deepEqual(stored, ["a"]);
  });

  it("with a group that has an id twice, for other content, stores the other groups alone", async () => {
    const { answered, stored } = await statuses([
      [{ id: "a" }, { id: "b" }],
      [{ id: "c" }, { id: "c", payload: 1 }, { id: "d" }],
      [],
      [{ id: "e" }],
    ]);
    assert.deepEqual(answered, [
      ["created a", "created b"],
      ["group_refused", "duplicate_task", "group_refused"],
      [],
      ["created e"],
    ]);
    assert.deepEqual(stored, ["a", "b", "e"]);
  });

  it("that ends one lease twice goes by the first outcome, and writes its event once", async () => {
    const store = place.store({ events: "all" });
    const id = await enqueueOne(store);
    const task = await claimOne(store);
    const { answers } = await store.settle({
      settlements: [1, 1, 2].map((result) => ({ task, outcome: { kind: "complete", result } })),
    });
    assert.deepEqual(
      answers.map(({ status }) => status),
      ["settled", "repeated", "conflict"],
    );
    assert.equal((await store.getResult(id))?.value, 1);
    assert.equal((await store.queryEvents({ type: "completed" })).events.length, 1);
  });

  it("that renews one lease twice moves it to the later end", async () => {
    const store = place.store();
    await enqueueOne(store);
    const { lease } = await claimOne(store);
    const { now, answers } = await store.renew({
      renewals: [90_000, 60_000].map((leaseMs) => ({ lease, leaseMs })),
    });
    assert.deepEqual(
      answers.map((answer) => answer.status === "renewed" && answer.until - now),
      [90_000, 90_000],
    );
  });
});
