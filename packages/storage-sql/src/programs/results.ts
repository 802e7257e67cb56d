import {
  type ListResultsHookParams,
  type ListResultsHookResult,
  type ResultHookParams,
  type ResultKey,
  type ResultRecord,
  newResult,
} from "@omniq/core/storage";
import { type Insertable, sql } from "kysely";
import { RESULT_COLUMNS } from "../columns.ts";
import { type Instant, type SqlProgram, changesOf, chunksOf, firstOf, rowsOf } from "../program.ts";
import type { QueryBuilder, ResultsTable } from "../tables.ts";

/** An expired result is not there, whether or not it has been purged. */
export function* getResult(
  db: QueryBuilder,
  { taskId, run }: ResultKey,
  now: Instant,
): SqlProgram<ResultRecord | null> {
  let query = db.selectFrom("results").select(RESULT_COLUMNS).where("task_id", "=", taskId);
  query = query.where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]));
  query = run === null ? query.orderBy("run", "desc").limit(1) : query.where("run", "=", run);
  return (yield* firstOf(query)) as unknown as ResultRecord | null;
}

export function* putResult(db: QueryBuilder, params: ResultHookParams, now: number): SqlProgram<void> {
  const { taskId, result, pendingToken } = params;
  const row = rowOf(newResult(taskId, result, pendingToken, now));
  const { task_id: _taskId, run: _run, ...values } = row;
  yield* changesOf(
    db
      .insertInto("results")
      .values(row)
      .onConflict((conflict) => conflict.columns(["task_id", "run"]).doUpdateSet(values)),
  );
}

/** All results, expired ones included, by their keys. */
export function* listResults(
  db: QueryBuilder,
  { cursor, limit }: ListResultsHookParams,
): SqlProgram<ListResultsHookResult> {
  let query = db
    .selectFrom("results")
    .select(RESULT_COLUMNS)
    .orderBy("task_id")
    .orderBy("run")
    .limit(limit + 1);
  if (cursor !== null) {
    const [taskId, run] = JSON.parse(cursor) as [string, number];
    query = query.where(sql<boolean>`(task_id, run) > (${taskId}, ${run})`);
  }
  const rows = (yield* rowsOf(query)) as unknown as readonly ResultRecord[];
  const results = rows.slice(0, limit);
  const last = results.at(-1);
  return { results, cursor: last && rows.length > limit ? JSON.stringify([last.taskId, last.run]) : null };
}

/** Results of another store, as they are. */
export function* importResults(db: QueryBuilder, results: readonly ResultRecord[]): SqlProgram<void> {
  const rows = results.map(rowOf);
  for (const chunk of chunksOf(rows)) {
    const insert = db.insertInto("results").values(chunk);
    yield* changesOf(insert.onConflict((conflict) => conflict.columns(["task_id", "run"]).doNothing()));
  }
}

export function* deleteResult(db: QueryBuilder, { taskId, run }: ResultKey): SqlProgram<boolean> {
  let query = db.deleteFrom("results").where("task_id", "=", taskId);
  if (run !== null) query = query.where("run", "=", run);
  return (yield* changesOf(query)) > 0;
}

export function* purgeResults(db: QueryBuilder, now: number, limit: number): SqlProgram<number> {
  const expired = db
    .selectFrom("results")
    .select(["task_id", "run"])
    .where("expires_at", "is not", null)
    .where("expires_at", "<=", now)
    .orderBy("expires_at")
    .limit(limit);
  const key = sql`(task_id, run)`;
  // Asked of the row again, for one that is put anew meanwhile.
  return yield* changesOf(db.deleteFrom("results").where(key, "in", expired).where("expires_at", "<=", now));
}

function rowOf(result: ResultRecord): Insertable<ResultsTable> {
  return {
    task_id: result.taskId,
    run: result.run,
    status: result.status,
    value: result.value,
    format: result.format,
    error: result.error,
    attempts: result.attempts,
    started_at: result.startedAt,
    finished_at: result.finishedAt,
    expires_at: result.expiresAt,
    pending_token: result.pendingToken,
  };
}
