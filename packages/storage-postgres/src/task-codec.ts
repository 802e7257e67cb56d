import type * as h from "@omniq/core/storage";
import { storedTask, tokenNumber } from "@omniq/storage-sql";
import { arrayText } from "./array-text.ts";
import type { InsertAnswerRow, TaskAnswerRow } from "./calls.ts";
import type { Marks } from "./low-water-marks.ts";

/** How new tasks are stored: by which call, and its arguments. */
export function insertCall(groups: h.EnqueueHookParams["groups"]) {
  const tasks = groups.flat();
  const ids = tasks.map(({ id }) => id);
  const keys = tasks.flatMap(({ dedupe }) => dedupe?.key ?? []);
  const values = [
    arrayText(tasks.map(newTask)),
    new Set(ids).size < ids.length || new Set(keys).size < keys.length,
    keys.length > 0,
    tasks.some(({ clearsResults }) => clearsResults),
    tasks.some(({ event }) => event),
  ];
  if (groups.every(({ length }) => length === 1)) return { name: "insert", values } as const;
  return { name: "enqueue", values: [arrayText(groups.map(({ length }) => length)), ...values] } as const;
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
  const { queues, limit, workerId, leaseMs, events } = params;
  return [
    arrayText(queues.map((queue, index) => [queue.name, queue.limit, marks[index]?.lease])),
    arrayText(marks.flatMap((known, index) => [...(known?.etas ?? [])].map((mark) => [index + 1, ...mark]))),
    limit,
    workerId,
    leaseMs,
    events.claimed,
    events.recovered,
  ];
}

export function claimedOf(rows: readonly TaskAnswerRow[]): h.DequeueHookResult {
  const ofKind = (kind: TaskAnswerRow["kind"]): h.StoredTask[] =>
    rows.filter((row) => row.kind === kind).map((row) => taskOf(row) as h.StoredTask);
  return { now: nowOf(rows), claimed: ofKind("claimed"), recovered: ofKind("recovered") };
}

/** The arguments of guarded writes, as `write` takes them: what not every write has comes with the number of its write. */
export function writeValues(writes: readonly h.TaskWrite[]): unknown[] {
  const parts = <T>(of: (write: h.TaskWrite) => readonly T[]): { item: number; part: T }[] =>
    writes.flatMap((write, index) => of(write).map((part) => ({ item: index + 1, part })));
  const events = parts((write) => write.events);
  const definitions = parts(({ definition }) => (definition ? [definition] : []));
  const children = parts((write) => write.enqueue);
  return [
    arrayText(writes.map(taskWrite)),
    arrayText(events.map(({ item, part }) => [item, ...eventFields(part), part.taskId])),
    arrayText(definitions.map(({ part }) => [null, ...definitionFields(part), ...NO_INSERT])),
    arrayText(definitions.map(({ item }) => item)),
    arrayText(children.map(({ part }) => newTask(part))),
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
    arrayText(
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

/** The task of a row; null where there is none. */
function taskOf({ now: _n, kind: _k, item: _i, until: _u, ...row }: TaskAnswerRow): h.StoredTask | null {
  return row.id === null ? null : storedTask(row);
}

// The records of `types.sql`, field by field.

function newTask(task: h.TaskInsert) {
  const { id, clearsResults, due, dedupe, event } = task;
  const key = [dedupe?.key, dedupe?.windowMs, dedupe?.debounce];
  return [id, ...definitionFields(task), clearsResults, ...dueFields(due), ...key, ...eventFields(event)];
}

/** What a new task has beyond what is declared anew: whether results go, when it is due, its key, its event. */
const NO_INSERT = Array.from({ length: 11 }, () => null);

function definitionFields(task: h.TaskDefinition) {
  const { name, queue, priority, payload, format, schedule, scheduleVersion, maxRetries, timeout } = task;
  const run = [name, queue, priority, payload, format, schedule, scheduleVersion, maxRetries, timeout];
  return [...run, task.policies, task.headers, task.concurrencyKey, task.contentDigest];
}

function taskWrite({ id, keepsLease, dropResults, guard, state, due, result }: h.TaskWrite) {
  const held =
    "token" in guard
      ? [tokenNumber(guard.token), guard.scheduleVersion, guard.outcomeDigest, null]
      : [null, null, null, guard.revision];
  const counters = [state?.run, state?.attempts, state?.failures, state?.recoveries];
  const value = [result?.run, result?.status, result?.value, result?.format, result?.error];
  const span = [result?.attempts, result?.startedAt, result?.ttlMs];
  const next = [state?.status, ...counters, state?.error, state?.holds, ...dueFields(due)];
  return [id, keepsLease, dropResults, ...held, ...next, ...value, ...span];
}

function dueFields(due: h.TaskWrite["due"]) {
  return due && "at" in due ? [due.at, null] : [null, due?.inMs];
}

function eventFields(event: h.EventInsert | null) {
  return [event?.type, event?.run, event?.attempt, event?.workerId, event?.data];
}
