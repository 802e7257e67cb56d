import { areAlikeEnds, areAlikeInserts } from "@omniq/core/storage";
import type * as h from "@omniq/core/storage";
import { storedTask, tokenNumber } from "@omniq/storage-sql";
import type { InsertAnswerRow, TaskAnswerRow } from "./calls.ts";
import { type Field, arrayText, recordsText } from "./literals.ts";
import type { Marks } from "./low-water-marks.ts";

// The fields of the records of `types.sql`.

function newTask(task: h.TaskDefinition & Partial<h.TaskInsert>): Field[] {
  const { id, clearsResults, due, dedupe, event } = task;
  return [
    id,
    ...definitionFields(task),
    clearsResults,
    ...dueFields(due),
    dedupe?.key,
    dedupe?.windowMs,
    dedupe?.debounce,
    event?.type,
    event?.run,
    event?.attempt,
    event?.workerId,
    event?.data,
  ];
}

function taskWrite({ id, keepsLease, dropResults, guard, state, due, result }: h.TaskWrite): Field[] {
  const lease = "token" in guard ? guard : null;
  const revision = "revision" in guard ? guard.revision : null;
  return [
    id,
    keepsLease,
    dropResults,
    lease && tokenNumber(lease.token),
    lease?.scheduleVersion,
    lease?.outcomeDigest,
    revision,
    state?.status,
    state?.run,
    state?.attempts,
    state?.failures,
    state?.recoveries,
    state?.error,
    state?.holds,
    ...dueFields(due),
    result?.run,
    result?.status,
    result?.value,
    result?.format,
    result?.error,
    result?.attempts,
    result?.startedAt,
    result?.ttlMs,
  ];
}

function definitionFields(task: h.TaskDefinition): Field[] {
  const { name, queue, priority, payload, format, schedule, scheduleVersion, maxRetries, timeout } = task;
  const { policies, headers, concurrencyKey, contentDigest } = task;
  const what = [name, queue, priority, payload, format, schedule, scheduleVersion, maxRetries, timeout];
  return [...what, policies, headers, concurrencyKey, contentDigest];
}

/** An instant, or so long from the server's now. */
function dueFields(due: h.Due | null | undefined): [at: Field, inMs: Field] {
  if (!due) return [null, null];
  return "at" in due ? [due.at, null] : [null, due.inMs];
}

/** The arguments of `insertOne` beside the channel, in the order of sql/insert-one.sql. */
export function plainValues(task: h.TaskInsert): Field[] {
  return [...dueFields(task.due), task.id, ...definitionFields(task)];
}

/** How new tasks are stored: by which call, and its arguments. */
export function insertCall(groups: h.EnqueueHookParams["groups"]) {
  const tasks = groups.flat();
  const sizes = arrayText(groups.map(({ length }) => length));
  const ids = new Set<string>();
  const keys: string[] = [];
  for (const { id, dedupe } of tasks) {
    ids.add(id);
    if (dedupe) keys.push(dedupe.key);
  }
  const isAnyTwice = ids.size < tasks.length || new Set(keys).size < keys.length;
  const [first] = tasks;
  if (first && !isAnyTwice && areAlikeInserts(tasks)) {
    const columns = [[...ids], tasks.map(({ payload }) => payload), tasks.map((task) => task.contentDigest)];
    const values = [sizes, recordsText([newTask(first)]), ...columns.map(arrayText)];
    return { name: "insertAlike", values } as const;
  }
  const values = [
    sizes,
    recordsText(tasks.map(newTask)),
    isAnyTwice,
    keys.length > 0,
    tasks.some(({ clearsResults }) => clearsResults),
    tasks.some(({ event }) => event),
  ];
  return { name: "enqueue", values } as const;
}

export function insertedOf(
  groups: h.EnqueueHookParams["groups"],
  rows: readonly InsertAnswerRow[],
): h.EnqueueHookResult {
  const answers = groups.flat().map(({ id }): h.InsertAnswer => ({ status: "created", id }));
  for (const { kind, item, id } of rows) {
    if (kind) answers[item - 1] = { status: kind, id };
  }
  let next = 0;
  return { now: nowOf(rows), groups: groups.map(({ length }) => answers.slice(next, (next += length))) };
}

/** The arguments of a claim, as `claim` takes them. */
export function claimValues(params: h.DequeueHookParams, marks: readonly (Marks | null)[]): unknown[] {
  const { queues, limit, workerId, leaseMs, deadline, events } = params;
  const etas = marks.flatMap((known, index) =>
    [...(known?.etas ?? [])].map(([priority, eta]) => [index + 1, priority, eta]),
  );
  return [
    recordsText(queues.map(({ name, limit: most }, index) => [name, most, marks[index]?.lease])),
    recordsText(etas),
    limit,
    workerId,
    leaseMs,
    events.claimed,
    events.recovered,
    deadline,
  ];
}

export function claimedOf(rows: readonly TaskAnswerRow[]): h.DequeueHookResult {
  const ofKind = (kind: TaskAnswerRow["kind"]): h.StoredTask[] =>
    rows.filter((row) => row.kind === kind).map((row) => taskOf(row) as h.StoredTask);
  return { now: nowOf(rows), claimed: ofKind("claimed"), recovered: ofKind("recovered") };
}

/** How guarded writes are made, by `write` or by `write_alike`, and its arguments. */
export function writeArguments(writes: readonly h.TaskWrite[]): { isAlike: boolean; values: unknown[] } {
  const [first] = writes;
  if (first && areAlikeEnds(writes)) {
    const columns = [
      writes.map(({ id }) => id),
      writes.map(({ guard }) => tokenNumber(guard.token)),
      writes.map(({ guard }) => guard.outcomeDigest),
      writes.map(({ result }) => result?.value),
      writes.map(({ result }) => result?.startedAt),
    ];
    return { isAlike: true, values: [recordsText([taskWrite(first)]), ...columns.map(arrayText)] };
  }
  return { isAlike: false, values: writeValues(writes) };
}

/** The arguments of guarded writes, as `write` takes them: what not every write has comes with the number of its write. */
function writeValues(writes: readonly h.TaskWrite[]): unknown[] {
  const parts = <T>(of: (write: h.TaskWrite) => readonly T[]): { item: number; part: T }[] =>
    writes.flatMap((write, index) => of(write).map((part) => ({ item: index + 1, part })));
  const events = parts((write) => write.events);
  const definitions = parts(({ definition }) => (definition ? [definition] : []));
  const children = parts((write) => write.enqueue);
  return [
    recordsText(writes.map(taskWrite)),
    recordsText(
      events.map(({ item, part }) => [
        item,
        part.type,
        part.run,
        part.attempt,
        part.workerId,
        part.data,
        part.taskId,
      ]),
    ),
    recordsText(definitions.map(({ part }) => newTask(part))),
    arrayText(definitions.map(({ item }) => item)),
    recordsText(children.map(({ part }) => newTask(part))),
    arrayText(children.map(({ item }) => item)),
  ];
}

export function writtenOf(writes: readonly h.TaskWrite[], rows: readonly TaskAnswerRow[]): h.WriteHookResult {
  const answers = writes.map((): h.WriteAnswer => ({ written: true }));
  for (const row of rows) {
    if (row.kind === "refused") answers[row.item - 1] = { written: false, current: taskOf(row) };
  }
  return { now: nowOf(rows), answers };
}

/** The arguments of leases, as `renew` takes them. */
export function renewValues(renewals: readonly h.RenewHookItem[]): unknown[] {
  return [
    recordsText(
      renewals.map(({ id, token, leaseMs, progress }) => [id, tokenNumber(token), leaseMs, progress]),
    ),
  ];
}

export function renewedOf(rows: readonly TaskAnswerRow[]): h.RenewHookResult {
  const answers: h.RenewHookAnswer[] = [];
  for (const row of rows) {
    if (row.kind === "renewed") answers[row.item - 1] = { until: row.until as number };
    else if (row.kind === "refused") answers[row.item - 1] = { current: taskOf(row) };
  }
  return { now: nowOf(rows), answers };
}

function nowOf(rows: readonly { readonly now: number }[]): number {
  return (rows[0] as { readonly now: number }).now;
}

/** The task of a row; null where there is none. It is the row itself: to leave out what else it says would be to copy it. */
function taskOf(row: TaskAnswerRow): h.StoredTask | null {
  return row.id === null ? null : storedTask(row);
}
