-- Stores one new task that brings nothing along, and answers a row; where its id is there already, it does and answers
-- nothing. Not a function: what those set for their plans takes a tenth of the time of an enqueue, and here is nothing to plan.
with clock as materialized (
  select {schema}.omniq_now() as now,
         case when $1::text is not null then set_config('synchronous_commit', $1, true) end,
         case when $3::text is not null then pg_notify($3, '') end
), created as (
  insert into {schema}.tasks (
    id, name, queue, priority, payload, format, status, schedule, schedule_version, eta, max_retries, timeout,
    policies, headers, concurrency_key, content_digest, created_at, updated_at)
  select id, name, queue, priority, payload, format, 'PENDING', schedule, schedule_version,
         coalesce(due_at, now + due_in), max_retries, timeout,
         policies, headers, concurrency_key, content_digest, now, now
    from clock, unnest($2::{schema}.new_task[])
  on conflict (id) do nothing
  returning queue
), named as (
  insert into {schema}.queues (name)
  select queue from created c where not exists (select from {schema}.queues q where q.name = c.queue)
  on conflict do nothing
)
select now, null as kind from clock, created
