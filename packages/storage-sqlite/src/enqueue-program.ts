import { type EnqueueHookParams, type InsertAnswer, type TaskInsert, dueAt } from "@omniq/core/storage";
import { type SqlProgram, type Statement, statements, sqliteQueries as db } from "@omniq/storage-sql";

const insertTask = statements.insertTask(db);
const selectDigest = statements.selectDigest(db);
const selectDeduped = statements.selectDeduped(db);
const debounce = statements.debounce(db);
const deleteResults = statements.deleteResults(db);
const insertEvent = statements.insertEvent(db);
const insertQueue = statements.insertQueue(db);

/** Stores a task at once, without a query that the program would yield; null where it does not, and has stored nothing. */
type InsertAtOnce = (task: TaskInsert) => InsertAnswer | null;

/**
 * Stores new tasks. To be run inside a write transaction: one of ours, or one of the application's, whose driver may
 * answer later.
 */
export function* enqueue(
  { groups }: EnqueueHookParams,
  now: number,
  insertAtOnce: InsertAtOnce = () => null,
): SqlProgram<InsertAnswer[][]> {
  const queues = new Set<string>();
  const answers: InsertAnswer[][] = [];
  for (const group of groups) {
    const only = group.length === 1 ? (group[0] as TaskInsert) : null;
    const inserted = only
      ? [insertAtOnce(only) ?? (yield* insertOne(only, now))]
      : yield* insertGroup(group, now, insertAtOnce);
    answers.push(inserted);
    if (inserted.some(isDuplicate)) continue;
    for (let index = 0; index < inserted.length; index++)
      if (inserted[index]?.status === "created") queues.add((group[index] as TaskInsert).queue);
  }
  for (const queue of queues) yield* run(insertQueue, { name: queue });
  return answers;
}

/** A group with a duplicate leaves nothing behind, while the rest of the transaction stands. */
function* insertGroup(
  group: readonly TaskInsert[],
  now: number,
  insertAtOnce: InsertAtOnce,
): SqlProgram<InsertAnswer[]> {
  yield { sql: "savepoint enqueue_group", parameters: [] };
  const answers: InsertAnswer[] = [];
  for (const insert of group) answers.push(insertAtOnce(insert) ?? (yield* insertOne(insert, now)));
  if (answers.some(isDuplicate)) yield { sql: "rollback to enqueue_group", parameters: [] };
  yield { sql: "release enqueue_group", parameters: [] };
  return answers;
}

function isDuplicate({ status }: InsertAnswer): boolean {
  return status === "duplicate";
}

function* insertOne(insert: TaskInsert, now: number): SqlProgram<InsertAnswer> {
  const { id, dedupe, event } = insert;
  const eta = dueAt(insert.due, now);
  if (dedupe && (yield* digestOf(id)) === undefined) {
    const twin = yield* first<{ seq: number; id: string; createdAt: number }>(selectDeduped, {
      dedupeKey: dedupe.key,
    });
    if (twin && (dedupe.windowMs === null || now < twin.createdAt + dedupe.windowMs)) {
      if (dedupe.debounce) yield* run(debounce, { seq: twin.seq, eta, now });
      return { status: "existing", id: twin.id };
    }
  }
  const row = { ...insert, eta, dedupeKey: dedupe?.key ?? null, now };
  if ((yield* run(insertTask, row)) === 0) {
    return { status: (yield* digestOf(id)) === insert.contentDigest ? "existing" : "duplicate", id };
  }
  if (insert.clearsResults) yield* run(deleteResults, { taskId: id });
  if (event) yield* run(insertEvent, { ...event, now });
  return { status: "created", id };
}

function* digestOf(id: string): SqlProgram<string | undefined> {
  return (yield* first<{ contentDigest: string }>(selectDigest, { id }))?.contentDigest;
}

function* run<Values extends object>(statement: Statement<Values>, values: Values): SqlProgram<number> {
  return (yield { sql: statement.sql, parameters: statement.bind(values) }).changes;
}

function* first<Row>(statement: Statement<object>, values: object): SqlProgram<Row | undefined> {
  return (yield { sql: statement.sql, parameters: statement.bind(values) }).rows[0] as Row | undefined;
}
