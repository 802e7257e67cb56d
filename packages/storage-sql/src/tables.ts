import type { Generated, Kysely } from "kysely";

/** Instants are milliseconds since the epoch, UTC. Columns are named as the fields of a TaskRecord, in snake_case. */
export interface TasksTable {
  /** The order of enqueueing. */
  seq: Generated<number>;
  id: string;
  name: string;
  queue: string;
  priority: number;
  payload: string;
  format: string;
  status: string;
  schedule: string | null;
  schedule_version: number;
  eta: number;
  max_retries: number;
  timeout: number | null;
  policies: string | null;
  headers: string | null;
  concurrency_key: string | null;
  dedupe_key: string | null;
  content_digest: string;
  run: number;
  attempts: number;
  failures: number;
  recoveries: number;
  error: string | null;
  holds: string | null;
  progress: string | null;
  created_at: number;
  updated_at: number;
  last_attempt_at: number | null;
  finished_at: number | null;
  worker_id: string | null;
  lease_until: number | null;
  revision: number;
  token: number | null;
  settled_token: number | null;
  settled_digest: string | null;
}

export interface ResultsTable {
  task_id: string;
  run: number;
  status: string;
  value: string | null;
  format: string;
  error: string | null;
  attempts: number;
  started_at: number | null;
  finished_at: number;
  expires_at: number | null;
  pending_token: string | null;
}

export interface EventsTable {
  seq: Generated<number>;
  task_id: string;
  type: string;
  timestamp: number;
  run: number;
  attempt: number;
  worker_id: string | null;
  data: string | null;
}

interface QueuesTable {
  name: string;
  paused: number;
}

/** The schema's version and the store's counters. */
interface MetaTable {
  key: string;
  value: number;
}

/** The tables of a store, under their names without prefix. */
export interface Tables {
  tasks: TasksTable;
  results: ResultsTable;
  events: EventsTable;
  queues: QueuesTable;
  omniq_meta: MetaTable;
}

/** Builds queries over the tables; never runs them. */
export type QueryBuilder = Kysely<Tables>;
