import type { EventInsert, ResultInsert, TaskDefinition, TaskInsert, TaskState } from "@omniq/core/storage";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import { TASK_COLUMNS } from "./columns.ts";
import { Statement, param } from "./statement.ts";
import type { QueryBuilder } from "./tables.ts";

export type InsertTaskValues = Omit<TaskInsert, "due" | "dedupe" | "clearsResults" | "event"> & {
  readonly eta: number;
  readonly dedupeKey: string | null;
  readonly now: number;
};

/** A new task; one whose id exists is left as it is, and nothing changes. */
export function insertTask(db: QueryBuilder): Statement<InsertTaskValues> {
  const query = db
    .insertInto("tasks")
    .values({
      id: param("id"),
      name: param("name"),
      queue: param("queue"),
      priority: param("priority"),
      payload: param("payload"),
      format: param("format"),
      status: sql.lit("PENDING"),
      schedule: param("schedule"),
      schedule_version: param("scheduleVersion"),
      eta: param("eta"),
      max_retries: param("maxRetries"),
      timeout: param("timeout"),
      policies: param("policies"),
      headers: param("headers"),
      concurrency_key: param("concurrencyKey"),
      dedupe_key: param("dedupeKey"),
      content_digest: param("contentDigest"),
      run: sql.lit(1),
      attempts: sql.lit(0),
      failures: sql.lit(0),
      recoveries: sql.lit(0),
      created_at: param("now"),
      updated_at: param("now"),
      revision: sql.lit(1),
    })
    .onConflict((conflict) => conflict.column("id").doNothing());
  return new Statement(query);
}

/** What stands under an id. */
export function selectDigest(db: QueryBuilder): Statement<{ readonly id: string }> {
  return new Statement(
    db.selectFrom("tasks").select("content_digest as contentDigest").where("id", "=", param<string>("id")),
  );
}

/** The live task with a dedupe key, the latest first. */
export function selectDeduped(db: QueryBuilder): Statement<{ readonly dedupeKey: string }> {
  const query = db
    .selectFrom("tasks")
    .select(["seq", "id", "status", "created_at as createdAt"])
    .where("dedupe_key", "=", param<string>("dedupeKey"))
    .where("dedupe_key", "is not", sql.lit(null))
    .where("finished_at", "is", sql.lit(null))
    .orderBy("seq", "desc")
    .limit(sql.lit(1));
  return new Statement(query);
}

/** A waiting task's due time, taken over from a call that was answered with it. */
export function debounce(
  db: QueryBuilder,
): Statement<{ readonly seq: number; readonly eta: number; readonly now: number }> {
  const query = db
    .updateTable("tasks")
    .set({ eta: param("eta"), updated_at: param("now"), revision: sql`revision + 1` })
    .where("seq", "=", param<number>("seq"))
    .where("status", "=", sql.lit("PENDING"));
  return new Statement(query);
}

/** The new state of a row. */
export interface StateValues extends TaskState {
  /** Null leaves the due time. */
  readonly eta: number | null;
  readonly finishedAt: number | null;
  readonly now: number;
}

/** Holds while the token is that of the present lease, and the schedule is the one that the caller knows. */
export interface LeaseGuard {
  readonly id: string;
  readonly token: number;
  readonly scheduleVersion: number;
}

/** Holds while the row is as it was read. */
export interface RevisionGuard {
  readonly id: string;
  readonly revision: number;
}

/** The row's new state at the end of a lease, if the guard holds; remembers which outcome it was. */
export function settleTask(
  db: QueryBuilder,
): Statement<LeaseGuard & StateValues & { readonly outcomeDigest: string }> {
  return new Statement(
    newState(db)
      .set(NO_LEASE)
      .set({ settled_token: param("token"), settled_digest: param("outcomeDigest") })
      .where(leaseHolds()),
  );
}

/** The row's new state by an operator's call, if the guard holds. */
export function changeTask(
  db: QueryBuilder,
  lease: "ends" | "stays",
): Statement<RevisionGuard & StateValues> {
  const update = newState(db).where(revisionHolds());
  return new Statement(lease === "ends" ? update.set(NO_LEASE) : update);
}

/** The row goes at the end of a lease, if the guard holds. */
export function removeSettledTask(db: QueryBuilder): Statement<LeaseGuard> {
  return new Statement(db.deleteFrom("tasks").where(leaseHolds()));
}

/** The row goes by an operator's call, if the guard holds. */
export function removeTask(db: QueryBuilder): Statement<RevisionGuard> {
  return new Statement(db.deleteFrom("tasks").where(revisionHolds()));
}

const NO_LEASE = {
  token: sql.lit(null),
  worker_id: sql.lit(null),
  lease_until: sql.lit(null),
  progress: sql.lit(null),
};

function newState(db: QueryBuilder) {
  return db.updateTable("tasks").set({
    status: param("status"),
    run: param("run"),
    attempts: param("attempts"),
    failures: param("failures"),
    recoveries: param("recoveries"),
    error: param("error"),
    holds: param("holds"),
    eta: sql`coalesce(${param("eta")}, eta)`,
    finished_at: param("finishedAt"),
    updated_at: param("now"),
    revision: sql`revision + 1`,
  });
}

function leaseHolds(): RawBuilder<SqlBool> {
  return sql`id = ${param("id")} and token = ${param("token")} and schedule_version = ${param("scheduleVersion")}`;
}

function revisionHolds(): RawBuilder<SqlBool> {
  return sql`id = ${param("id")} and revision = ${param("revision")}`;
}

/** The new content of a recurring task; it follows an update whose guard held. */
export function updateDefinition(db: QueryBuilder): Statement<TaskDefinition & { readonly id: string }> {
  const query = db
    .updateTable("tasks")
    .set({
      name: param("name"),
      queue: param("queue"),
      priority: param("priority"),
      payload: param("payload"),
      format: param("format"),
      schedule: param("schedule"),
      schedule_version: param("scheduleVersion"),
      max_retries: param("maxRetries"),
      timeout: param("timeout"),
      policies: param("policies"),
      headers: param("headers"),
      concurrency_key: param("concurrencyKey"),
      content_digest: param("contentDigest"),
    })
    .where("id", "=", param<string>("id"));
  return new Statement(query);
}

export type InsertResultValues = Omit<ResultInsert, "ttlMs"> & {
  readonly taskId: string;
  readonly finishedAt: number;
  readonly expiresAt: number | null;
};

/** The result of a run, over any that stands there. */
export function insertResult(db: QueryBuilder): Statement<InsertResultValues> {
  const values = {
    status: param<string>("status"),
    value: param<string>("value"),
    format: param<string>("format"),
    error: param<string>("error"),
    attempts: param<number>("attempts"),
    started_at: param<number>("startedAt"),
    finished_at: param<number>("finishedAt"),
    expires_at: param<number>("expiresAt"),
  };
  const query = db
    .insertInto("results")
    .values({ task_id: param("taskId"), run: param("run"), ...values })
    .onConflict((conflict) =>
      conflict.columns(["task_id", "run"]).doUpdateSet((eb) => ({
        status: eb.ref("excluded.status"),
        value: eb.ref("excluded.value"),
        format: eb.ref("excluded.format"),
        error: eb.ref("excluded.error"),
        attempts: eb.ref("excluded.attempts"),
        started_at: eb.ref("excluded.started_at"),
        finished_at: eb.ref("excluded.finished_at"),
        expires_at: eb.ref("excluded.expires_at"),
        pending_token: sql.lit(null),
      })),
    );
  return new Statement(query);
}

/** All results of a task. */
export function deleteResults(db: QueryBuilder): Statement<{ readonly taskId: string }> {
  return new Statement(db.deleteFrom("results").where("task_id", "=", param<string>("taskId")));
}

export function deleteResultOfRun(
  db: QueryBuilder,
): Statement<{ readonly taskId: string; readonly run: number }> {
  return new Statement(
    db
      .deleteFrom("results")
      .where("task_id", "=", param<string>("taskId"))
      .where("run", "=", param<number>("run")),
  );
}

export function insertEvent(db: QueryBuilder): Statement<EventInsert & { readonly now: number }> {
  const query = db.insertInto("events").values({
    task_id: param("taskId"),
    type: param("type"),
    timestamp: param("now"),
    run: param("run"),
    attempt: param("attempt"),
    worker_id: param("workerId"),
    data: param("data"),
  });
  return new Statement(query);
}

/** A queue is known from its first task on. */
export function insertQueue(db: QueryBuilder): Statement<{ readonly name: string }> {
  const row = { name: param<string>("name"), paused: sql.lit(0) };
  return new Statement(
    db
      .insertInto("queues")
      .values(row)
      .onConflict((conflict) => conflict.column("name").doNothing()),
  );
}

/** All queues. */
export function selectQueues(db: QueryBuilder): Statement<object> {
  return new Statement(db.selectFrom("queues").select(["name", "paused"]).orderBy("name"));
}

/** The whole row of a task. */
export function selectTask(db: QueryBuilder): Statement<{ readonly id: string }> {
  return new Statement(db.selectFrom("tasks").select(TASK_COLUMNS).where("id", "=", param<string>("id")));
}

export interface RenewValues {
  readonly id: string;
  readonly token: number;
  readonly until: number;
  /** Null leaves it. */
  readonly progress: string | null;
}

/** Moves a lease's end on, never back; answers the new end. */
export function renewLease(db: QueryBuilder): Statement<RenewValues> {
  const until = param<number>("until");
  const query = db
    .updateTable("tasks")
    .set({
      lease_until: sql`case when lease_until > ${until} then lease_until else ${until} end`,
      progress: sql`coalesce(${param("progress")}, progress)`,
      revision: sql`revision + 1`,
    })
    .where("id", "=", param<string>("id"))
    .where("token", "=", param<number>("token"))
    .returning("lease_until as until");
  return new Statement(query);
}
