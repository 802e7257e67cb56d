import {
  type ImportedTask,
  type ListHookParams,
  type ListHookResult,
  type PurgeHookParams,
  type QueueInfo,
  type StoredTask,
  type TaskCount,
  type TaskStatus,
  recordOf,
} from "@omniq/core/storage";
import { type Insertable, sql } from "kysely";
import { TASK_COLUMNS, type TaskRow, storedTask } from "../columns.ts";
import { type SqlProgram, changesOf, chunksOf, firstOf, rowsOf } from "../program.ts";
import { insertQueue } from "../statements.ts";
import type { QueryBuilder, TasksTable } from "../tables.ts";

const FINISHED = ["SUCCESS", "FAILED", "CANCELLED"] as const;

export function* getTask(db: QueryBuilder, taskId: string): SqlProgram<StoredTask | null> {
  const row = yield* firstOf(db.selectFrom("tasks").select(TASK_COLUMNS).where("id", "=", taskId));
  return row && storedTask(row as unknown as TaskRow);
}

export function* listTasks(db: QueryBuilder, params: ListHookParams): SqlProgram<ListHookResult> {
  const { queue, status, name, cursor, limit } = params;
  let query = db
    .selectFrom("tasks")
    .select(TASK_COLUMNS)
    .orderBy("seq")
    .limit(limit + 1);
  if (cursor !== null) query = query.where("seq", ">", Number(cursor));
  if (queue !== null) query = query.where("queue", "=", queue);
  if (status !== null) query = query.where("status", "=", status);
  if (name !== null) query = query.where("name", "=", name);
  const rows = (yield* rowsOf(query)) as unknown as readonly TaskRow[];
  const tasks = rows.slice(0, limit);
  return { tasks: tasks.map(recordOf), cursor: rows.length > limit ? String(tasks.at(-1)?.sequence) : null };
}

/** One statement, so that all parts are of one state; each is found through a partial index of its own. */
export function* countTasks(db: QueryBuilder): SqlProgram<readonly TaskCount[]> {
  const of = (status: string) =>
    db
      .selectFrom("tasks")
      .select(["queue", sql.lit(status).as("status"), sql<number>`count(*)`.as("count")])
      .where("status", "=", sql.lit(status))
      .groupBy("queue");
  const none = sql.lit(null);
  let parts = of("PENDING")
    .where("holds", "is", none)
    .unionAll(of("PENDING").where("holds", "is not", none));
  parts = parts.unionAll(of("RUNNING"));
  for (const status of FINISHED) parts = parts.unionAll(of(status).where("finished_at", "is not", none));
  const counts = new Map<string, TaskCount>();
  for (const { queue, status, count } of yield* rowsOf(parts)) {
    const key = `${status} ${queue}`;
    const before = counts.get(key)?.count ?? 0;
    counts.set(key, { queue, status: status as TaskStatus, count: before + Number(count) });
  }
  return [...counts.values()];
}

export function* listQueues(db: QueryBuilder): SqlProgram<readonly QueueInfo[]> {
  const rows = yield* rowsOf(db.selectFrom("queues").select(["name", "paused"]).orderBy("name"));
  return rows.map(({ name, paused }) => ({ name, paused: Number(paused) === 1 }));
}

export function* setQueuePaused(db: QueryBuilder, name: string, paused: boolean): SqlProgram<void> {
  const row = { name, paused: paused ? 1 : 0 };
  yield* changesOf(
    db
      .insertInto("queues")
      .values(row)
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ paused: row.paused })),
  );
}

/** Queue by queue and status by status, so that each step is a range of one index. */
export function* purgeTasks(
  db: QueryBuilder,
  { before, limit, status }: PurgeHookParams,
): SqlProgram<number> {
  let purged = 0;
  for (const one of status === null ? FINISHED : [status]) {
    const oldest = db
      .selectFrom("tasks")
      .select("seq")
      .where("status", "=", one)
      .where("finished_at", "is not", null)
      .where("finished_at", "<", before)
      .orderBy("finished_at");
    // By a subquery that stays one, so that it costs a look at the index for each queue, however many tasks there are.
    const queues = db
      .selectFrom("queues")
      .select("name")
      .where(oldest.where("queue", "=", sql.ref<string>("queues.name")).limit(1), "is not", null);
    for (const { name } of yield* rowsOf(queues)) {
      if (purged >= limit) return purged;
      const some = oldest.where("queue", "=", name).limit(limit - purged);
      // Asked of the row again, for one that is revived meanwhile.
      const removal = db.deleteFrom("tasks").where("seq", "in", some).where("finished_at", "<", before);
      purged += yield* changesOf(removal);
    }
  }
  return purged;
}

export function* importTasks(
  db: QueryBuilder,
  tasks: readonly ImportedTask[],
): SqlProgram<readonly ("created" | "existing")[]> {
  const queue = insertQueue(db);
  for (const name of new Set(tasks.map((task) => task.queue)))
    yield { sql: queue.sql, parameters: queue.bind({ name }) };
  const created = new Set<string>();
  for (const chunk of chunksOf(tasks)) {
    const insert = db
      .insertInto("tasks")
      .values(chunk.map(importedValues))
      .onConflict((conflict) => conflict.column("id").doNothing())
      .returning("id");
    for (const { id } of yield* rowsOf(insert)) created.add(id);
  }
  // An id that is there twice is created by the first of the two.
  return tasks.map(({ id }) => (created.delete(id) ? "created" : "existing"));
}

function importedValues(task: ImportedTask): Insertable<TasksTable> {
  return {
    id: task.id,
    name: task.name,
    queue: task.queue,
    priority: task.priority,
    payload: task.payload,
    format: task.format,
    status: task.status,
    schedule: task.schedule,
    schedule_version: task.scheduleVersion,
    eta: task.eta,
    max_retries: task.maxRetries,
    timeout: task.timeout,
    policies: task.policies,
    headers: task.headers,
    concurrency_key: task.concurrencyKey,
    dedupe_key: task.dedupeKey,
    content_digest: task.contentDigest,
    run: task.run,
    attempts: task.attempts,
    failures: task.failures,
    recoveries: task.recoveries,
    error: task.error,
    holds: task.holds,
    progress: task.progress,
    created_at: task.createdAt,
    updated_at: task.updatedAt,
    last_attempt_at: task.lastAttemptAt,
    finished_at: task.finishedAt,
    revision: 1,
  };
}
