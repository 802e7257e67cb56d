-- What the functions take, as arrays of records: a batch is one argument, however many fields its items have.
create type {schema}.new_task as (
  id text, name text, queue text, priority int, payload text, format text, schedule text, schedule_version int,
  max_retries int, timeout bigint, policies text, headers text, concurrency_key text, content_digest text,
  clears_results boolean, due_at bigint, due_in bigint, dedupe_key text, dedupe_window bigint, debounce boolean,
  event_type text, event_run int, event_attempt int, event_worker_id text, event_data text);
create type {schema}.task_write as (
  id text, keeps_lease boolean, drop_results text,
  token bigint, schedule_version int, outcome_digest text, revision int,
  status text, run int, attempts int, failures int, recoveries int, error text, holds text,
  due_at bigint, due_in bigint,
  result_run int, result_status text, result_value text, result_format text, result_error text, result_attempts int,
  result_started_at bigint, result_ttl bigint);
-- The write that it comes with, by number.
create type {schema}.new_event as (
  item int, type text, run int, attempt int, worker_id text, data text, task_id text);
-- A queue, how much of it, and from which end of a lease on to look; then how far a priority of it has come.
create type {schema}.claimed_queue as (name text, most int, lease_from bigint);
create type {schema}.mark as (queue int, priority int, eta bigint);
create type {schema}.renewal as (id text, token bigint, lease bigint, progress text);

-- What they answer of an item of a call, numbered from 1, in a way of their own (`kind`), and the row, column by column:
-- each field of a row in one column would be looked for from its beginning.
create type {schema}.answer as (
  kind text, item int, until bigint,
  seq bigint, id text, name text, queue text, priority int, payload text, format text, status text, schedule text,
  schedule_version int, eta bigint, max_retries int, timeout bigint, policies text, headers text,
  concurrency_key text, dedupe_key text, content_digest text, run int, attempts int, failures int, recoveries int,
  error text, holds text, progress text, created_at bigint, updated_at bigint, last_attempt_at bigint,
  finished_at bigint, worker_id text, lease_until bigint, revision int, token bigint, settled_token bigint,
  settled_digest text);
-- And of a task that was to be stored, and was not: the id is that of the one that stands.
create type {schema}.insert_answer as (kind text, item int, id text);
