import type * as h from "@omniq/core/storage";
import { storedTask, tokenNumber } from "@omniq/storage-sql";
import { type AnswerRow, columns } from "./calls.ts";
import type { Marks } from "./low-water-marks.ts";

/** The arguments of new tasks, as `enqueue` takes them. */
export function insertValues(groups: h.EnqueueHookParams["groups"]): unknown[] {
  const inserts = groups.flat();
  return [
    // Where each stands alone, there are no groups to speak of.
    ...columns("length", groups.every(({ length }) => length === 1) ? [] : groups),
    ...columns("id name queue priority payload format schedule scheduleVersion maxRetries timeout", inserts),
    ...columns("policies headers concurrencyKey contentDigest clearsResults", inserts),
    ...columns("at inMs", inserts, "due"),
    ...columns("key windowMs debounce", inserts, "dedupe"),
    ...columns("type run attempt workerId data", inserts, "event"),
  ];
}

export function insertedOf(
  groups: h.EnqueueHookParams["groups"],
  rows: readonly AnswerRow[],
): h.EnqueueHookResult {
  const answers = groups.flat().map(({ id }): h.InsertAnswer => ({ status: "created", id }));
  for (const { kind, item, id } of rows) {
    if (kind === "existing" || kind === "duplicate") answers[item - 1] = { status: kind, id };
  }
  let next = 0;
  return { now: nowOf(rows), groups: groups.map(({ length }) => answers.slice(next, (next += length))) };
}

/** The arguments of a claim, as `claim` takes them. */
export function claimValues(params: h.DequeueHookParams, marks: readonly (Marks | null)[]): unknown[] {
  const { queues, limit, workerId, leaseMs, events } = params;
  const etas = marks.flatMap((known, index) =>
    [...(known?.etas ?? [])].map(([priority, eta]) => ({ queue: index + 1, priority, eta })),
  );
  return [
    ...columns("name limit", queues),
    limit,
    workerId,
    leaseMs,
    events.claimed,
    events.recovered,
    ...columns("lease", marks),
    ...columns("queue priority eta", etas),
  ];
}

export function claimedOf(rows: readonly AnswerRow[]): h.DequeueHookResult {
  const ofKind = (kind: AnswerRow["kind"]): h.StoredTask[] =>
    rows.filter((row) => row.kind === kind).map((row) => taskOf(row) as h.StoredTask);
  return { now: nowOf(rows), claimed: ofKind("claimed"), recovered: ofKind("recovered") };
}

/** The arguments of guarded writes, as `write` takes them. What few writes have, and is of many parts, is JSON. */
export function writeValues(writes: readonly h.TaskWrite[]): unknown[] {
  const guards = writes.map(({ guard }) =>
    "token" in guard ? { ...guard, token: tokenNumber(guard.token) } : guard,
  );
  const events = writes.flatMap((write, index) =>
    write.events.map((event) => ({ ...event, item: index + 1 })),
  );
  const further = writes.flatMap(({ id, definition, enqueue }, index) =>
    definition || enqueue.length > 0 ? [{ item: index + 1, id, definition, enqueue }] : [],
  );
  return [
    ...columns("id keepsLease dropResults", writes),
    ...columns("token scheduleVersion outcomeDigest revision", guards),
    ...columns("status run attempts failures recoveries error holds", writes, "state"),
    ...columns("at inMs", writes, "due"),
    ...columns("run status value format error attempts startedAt ttlMs", writes, "result"),
    events.length === 0 ? null : JSON.stringify(events),
    further.length === 0 ? null : JSON.stringify(further),
  ];
}

export function writtenOf(writes: readonly h.TaskWrite[], rows: readonly AnswerRow[]): h.WriteHookResult {
  const answers = writes.map((): h.WriteAnswer => ({ written: true }));
  for (const row of rows) {
    if (row.kind === "refused") answers[row.item - 1] = { written: false, current: taskOf(row) };
  }
  return { now: nowOf(rows), answers };
}

/** The arguments of leases, as `renew` takes them. */
export function renewValues(renewals: readonly h.RenewHookItem[]): unknown[] {
  const leases = renewals.map((renewal) => ({ ...renewal, token: tokenNumber(renewal.token) }));
  return columns("id token leaseMs progress", leases);
}

export function renewedOf(rows: readonly AnswerRow[]): h.RenewHookResult {
  const answers: h.RenewHookAnswer[] = [];
  for (const row of rows) {
    if (row.kind === "renewed") answers[row.item - 1] = { until: row.until as number };
    else if (row.kind === "refused") answers[row.item - 1] = { current: taskOf(row) };
  }
  return { now: nowOf(rows), answers };
}

function nowOf(rows: readonly AnswerRow[]): number {
  return (rows[0] as AnswerRow).now;
}

/** The task of a row; null where there is none. */
function taskOf({ now: _n, kind: _k, item: _i, until: _u, ...row }: AnswerRow): h.StoredTask | null {
  return row.id === null ? null : storedTask(row);
}
