import type {
  EventImport,
  EventInsert,
  EventRecord,
  EventsHookParams,
  EventsHookResult,
} from "@omniq/core/storage";
import { EVENT_COLUMNS } from "../columns.ts";
import { type SqlProgram, changesOf, chunksOf, rowsOf } from "../program.ts";
import type { QueryBuilder } from "../tables.ts";

export function appendEvents(
  db: QueryBuilder,
  events: readonly EventInsert[],
  now: number,
): SqlProgram<void> {
  return importEvents(
    db,
    events.map((event) => ({ ...event, timestamp: now })),
  );
}

/** Events with instants of their own. */
export function* importEvents(db: QueryBuilder, events: readonly EventImport[]): SqlProgram<void> {
  const rows = events.map((event) => ({
    task_id: event.taskId,
    type: event.type,
    timestamp: event.timestamp,
    run: event.run,
    attempt: event.attempt,
    worker_id: event.workerId,
    data: event.data,
  }));
  for (const chunk of chunksOf(rows)) yield* changesOf(db.insertInto("events").values(chunk));
}

export function* queryEvents(db: QueryBuilder, params: EventsHookParams): SqlProgram<EventsHookResult> {
  const { taskId, type, workerId, from, to, cursor, limit } = params;
  let query = db
    .selectFrom("events")
    .select(EVENT_COLUMNS)
    .orderBy("seq")
    .limit(limit + 1);
  if (cursor !== null) query = query.where("seq", ">", Number(cursor));
  if (taskId !== null) query = query.where("task_id", "=", taskId);
  if (type !== null) query = query.where("type", "=", type);
  if (workerId !== null) query = query.where("worker_id", "=", workerId);
  if (from !== null) query = query.where("timestamp", ">=", from);
  if (to !== null) query = query.where("timestamp", "<", to);
  const rows = (yield* rowsOf(query)) as unknown as readonly EventRecord[];
  const events = rows.slice(0, limit);
  return { events, cursor: rows.length > limit ? String(events.at(-1)?.sequence) : null };
}

export function* purgeEvents(db: QueryBuilder, before: number, limit: number): SqlProgram<number> {
  const oldest = db
    .selectFrom("events")
    .select("seq")
    .where("timestamp", "<", before)
    .orderBy("timestamp")
    .limit(limit);
  return yield* changesOf(db.deleteFrom("events").where("seq", "in", oldest));
}
