import type { StoredTask } from "@omniq/core/storage";
import type { EventsTable, ResultsTable, TasksTable } from "./tables.ts";

type Aliased<Table> = { [Column in keyof Table & string]: `${Column} as ${string}` }[keyof Table & string];

/** Selections that give each column the name of its field, so that a row is a record as it comes. */
export const TASK_COLUMNS = aliases<TasksTable>({
  seq: "sequence",
  id: "id",
  name: "name",
  queue: "queue",
  priority: "priority",
  payload: "payload",
  format: "format",
  status: "status",
  schedule: "schedule",
  schedule_version: "scheduleVersion",
  eta: "eta",
  max_retries: "maxRetries",
  timeout: "timeout",
  policies: "policies",
  headers: "headers",
  concurrency_key: "concurrencyKey",
  dedupe_key: "dedupeKey",
  content_digest: "contentDigest",
  run: "run",
  attempts: "attempts",
  failures: "failures",
  recoveries: "recoveries",
  error: "error",
  holds: "holds",
  progress: "progress",
  created_at: "createdAt",
  updated_at: "updatedAt",
  last_attempt_at: "lastAttemptAt",
  finished_at: "finishedAt",
  worker_id: "workerId",
  lease_until: "leaseUntil",
  revision: "revision",
  token: "token",
  settled_token: "settledToken",
  settled_digest: "settledDigest",
});

export const RESULT_COLUMNS = aliases<ResultsTable>({
  task_id: "taskId",
  run: "run",
  status: "status",
  value: "value",
  format: "format",
  error: "error",
  attempts: "attempts",
  started_at: "startedAt",
  finished_at: "finishedAt",
  expires_at: "expiresAt",
  pending_token: "pendingToken",
});

export const EVENT_COLUMNS = aliases<EventsTable>({
  seq: "sequence",
  task_id: "taskId",
  type: "type",
  timestamp: "timestamp",
  run: "run",
  attempt: "attempt",
  worker_id: "workerId",
  data: "data",
});

/** A stored task as the columns give it: tokens are whole numbers in the table. */
export interface TaskRow extends Omit<StoredTask, "token" | "settledToken"> {
  readonly sequence: number;
  token: number | string | null;
  settledToken: number | string | null;
}

/** A row as a record: tokens become text of one width, so that later ones sort after earlier ones. */
export function storedTask(row: TaskRow): StoredTask {
  row.token = row.token === null ? null : tokenText(row.token);
  row.settledToken = row.settledToken === null ? null : tokenText(row.settledToken);
  return row as StoredTask;
}

export function tokenText(token: number | string): string {
  return String(token).padStart(16, "0");
}

/** The number that a token stands for. A text that is no token gives one that no row has. */
export function tokenNumber(token: string): number {
  const number = Number(token);
  return Number.isSafeInteger(number) ? number : -1;
}

function aliases<Table>(names: { readonly [Column in keyof Table & string]: string }): Aliased<Table>[] {
  return Object.entries(names).map(([column, field]) => `${column} as ${field as string}` as Aliased<Table>);
}
