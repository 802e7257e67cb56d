import assert from "node:assert/strict";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import { enqueueOne } from "@omniq/test-support/steps";
import type Database from "better-sqlite3";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { planOf, recordingHandle } from "./support/recorded.ts";

const place = usePlace();

/** Makes every call that there is, so that every statement has been run. */
async function everyCall(store: SQLiteStorage): Promise<void> {
  await enqueueOne(store, { id: "a", dedupe: { key: "k", windowMs: 1000, debounce: true } });
  await store.enqueue({ groups: [[{ name: "work", dedupe: { key: "k", debounce: true } }]] });
  await store.enqueue({ groups: [["b", "c", "d"].map((id) => ({ id, name: "work" }))] });
  await store.enqueue({ groups: [[{ id: "b", name: "work" }]] });
  await store.hold("a", "x");
  await store.unhold("a", "x");
  await store.reschedule("a", new Date(0));
  await store.schedule({ id: "b", name: "other" });
  await store.cancel("c");
  await store.retryTask("c");
  const { tasks } = await store.dequeue({ limit: 2, workerId: "w", leaseMs: 1 });
  const [first, second] = tasks;
  assert.ok(first && second);
  await store.renew({ renewals: [{ lease: first.lease, leaseMs: 1 }] });
  await store.schedule({ id: second.record.id, name: "third" });
  await store.exchange({
    settle: { settlements: [{ task: first, outcome: { kind: "complete" } }] },
    dequeue: { limit: 1, workerId: "w", leaseMs: 1 },
  });
  await enqueueOne(store, { id: "gone", queue: "brief", policies: { keep: "none" } });
  const [brief] = (
    await store.dequeue({ queues: [{ name: "brief", limit: 1 }], limit: 1, workerId: "w", leaseMs: 1 })
  ).tasks;
  assert.ok(brief);
  await store.settle({ settlements: [{ task: brief, outcome: { kind: "complete" } }] });

  await store.getTask("a");
  await store.nextDue();
  await store.countTasks();
  await store.listQueues();
  await store.getResult("a");
  await store.getResult("a", { run: 1 });
  await store.putResult({ taskId: "a", run: 1, status: "SUCCESS" });
  await store.deleteResult("a", { run: 1 });
  await store.deleteResult("a");
  await store.purgeResults();
  await store.purge({ before: 1 });
  await store.purgeEvents({ before: 1 });
  for (const filter of [
    { taskId: "a" },
    { type: "failed" },
    { workerId: "w" },
    { from: 1, to: 2 },
  ] as const) {
    await store.queryEvents(filter);
    await store.queryEvents({ ...filter, from: 1, to: 2 });
  }
  await store.pauseQueue("q");
  await store.deleteTask("d", { force: true });
}

/** What SQLite does for each statement that the calls have run. */
async function plans(): Promise<readonly { readonly sql: string; readonly plan: string }[]> {
  const { database, seen } = recordingHandle(place.path);
  const store = new SQLiteStorage({ database, events: "all" });
  await everyCall(store);
  await store.close();
  const reader: Database.Database = place.handle();
  const found = seen
    .filter(({ sql }) => /^(?:select|insert|update|delete)/.test(sql) && !sql.includes("sqlite_"))
    .map((statement) => ({ sql: plainly(statement.sql), plan: planOf(reader, statement).join("; ") }));
  database.close();
  return found;
}

/** SQL with its parameters as they are usually written. */
function plainly(sql: string): string {
  return sql.replaceAll("+?", "?");
}

describe("the plan of every statement", () => {
  it("is made once, since SQLite is shown no value that it might choose by", async () => {
    const { database, seen } = recordingHandle(place.path);
    const store = new SQLiteStorage({ database, events: "all" });
    await everyCall(store);
    await store.close();
    database.close();
    const shown = seen.filter(({ sql }) => /(?:where|limit)\b.*(?<!\+)\?/.test(sql)).map(({ sql }) => sql);
    assert.deepEqual(shown, []);
  });

  it("goes by an index or a key, and through no table from end to end", async () => {
    const scans = (await plans())
      .filter(({ plan }) => /SCAN (?:tasks|results|events)(?! USING)/.test(plan))
      .map(({ sql }) => sql);
    assert.deepEqual(scans, []);
  });

  it("goes through an index from end to end only where all of it is counted", async () => {
    const scan = /SCAN (?:tasks|results|events) USING/;
    const scans = (await plans()).filter(({ plan }) => scan.test(plan));
    assert.ok(scans.every(({ sql }) => sql.includes("count(*)")));
    const steps = scans.flatMap(({ plan }) => plan.split("; ").filter((step) => scan.test(step)));
    assert.deepEqual([...new Set(steps)].toSorted(), [
      "SCAN tasks USING COVERING INDEX tasks_leased",
      "SCAN tasks USING INDEX tasks_due",
      "SCAN tasks USING INDEX tasks_held",
    ]);
  });

  it.each<[what: string, sql: RegExp, plan: string]>([
    // CLM-12: tasks that are due later lie beyond the bound on eta, those of other priorities in another place.
    ["claiming", /"status" = 'RUNNING'.* in \(select/, "tasks_due (queue=? AND priority=? AND eta<?)"],
    ["the next priority", /^select max\("priority"\)/, "tasks_due (queue=? AND priority<?)"],
    ["lapsed leases", /"lease_until" <= \?/, "tasks_leased (queue=? AND lease_until<?)"],
    ["taking over", /recoveries \+ 1/, "INTEGER PRIMARY KEY (rowid=?)"],
    ["settling", /settled_token" = \?.*where id = \? and token = \?/, "sqlite_autoindex_tasks_1 (id=?)"],
    [
      "settling for good",
      /^delete from "tasks" where id = \? and token = \?/,
      "sqlite_autoindex_tasks_1 (id=?)",
    ],
    ["an operator's write", /where id = \? and revision = \?/, "sqlite_autoindex_tasks_1 (id=?)"],
    ["renewing", /case when lease_until/, "sqlite_autoindex_tasks_1 (id=?)"],
    [
      "looking up a task",
      /^select "seq" as .* from "tasks" where "id" = \?$/,
      "sqlite_autoindex_tasks_1 (id=?)",
    ],
    ["looking up a twin", /"dedupe_key" = \?/, "tasks_deduped (dedupe_key=?)"],
    ["the next due time", /^select "priority", "eta".*"priority" > \?/, "tasks_due (queue=? AND priority>?)"],
    ["the next lapse", /^select "lease_until" as/, "tasks_leased (queue=? AND lease_until>?)"],
    [
      "purging tasks",
      /"finished_at" < \?/,
      "tasks_finished (status=? AND queue=? AND finished_at>? AND finished_at<?)",
    ],
    [
      "a run's result",
      /^select .*from "results" where "task_id" = \?.* and "run" = \?/,
      "PRIMARY KEY (task_id=? AND run=?)",
    ],
    ["the latest result", /from "results" where "task_id" = \?.* order by "run"/, "PRIMARY KEY (task_id=?)"],
    ["dropping results", /^delete from "results" where "task_id" = \?$/, "PRIMARY KEY (task_id=?)"],
    ["purging results", /"expires_at" <= \?/, "results_expiring (expires_at>? AND expires_at<?)"],
    ["a task's events", /"events" where "task_id" = \? order/, "events_by_task (task_id=?)"],
    [
      "a task's events of a time",
      /"events" where "task_id" = \? and/,
      "events_by_task (task_id=? AND timestamp>? AND timestamp<?)",
    ],
    ["events of a type", /"events" where "type" = \? order/, "events_by_type (type=?)"],
    [
      "events of a type and time",
      /"events" where "type" = \? and/,
      "events_by_type (type=? AND timestamp>? AND timestamp<?)",
    ],
    ["a worker's events", /"events" where "worker_id" = \? order/, "events_by_worker (worker_id=?)"],
    [
      "a worker's events of a time",
      /"events" where "worker_id" = \? and/,
      "events_by_worker (worker_id=? AND timestamp>? AND timestamp<?)",
    ],
    [
      "events of a time",
      /"events" where "timestamp" >= \? and/,
      "events_by_time (timestamp>? AND timestamp<?)",
    ],
    ["purging events", /"timestamp" < \? order by "timestamp"/, "events_by_time (timestamp<?)"],
    ["the next token", /max\(value \+ 1/, "PRIMARY KEY (key=?)"],
  ])("for %s", async (_what, sql, plan) => {
    const found = (await plans()).filter((statement) => sql.test(statement.sql));
    assert.ok(found.length > 0, "no such statement was run");
    for (const statement of found)
      assert.ok(statement.plan.includes(plan), `${statement.plan}\n${statement.sql}`);
  });
});
