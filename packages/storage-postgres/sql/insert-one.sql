-- Stores one new task that brings nothing along, and answers a row; where its id is there already, it does and answers
-- nothing. Not a function, and no array of records: here is nothing to plan, and those take a sixth of an enqueue's time.
with created as (
  insert into {schema}.tasks (
    status, created_at, updated_at, eta, id, name, queue, priority, payload, format, schedule, schedule_version,
    max_retries, timeout, policies, headers, concurrency_key, content_digest)
  select 'PENDING', now, now, coalesce($3, now + $4), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18
    from (select {schema}.omniq_now() as now,
                 case when $1::text is not null and 'off' in ($1, current_setting('synchronous_commit'))
                   then set_config('synchronous_commit', $1, true) end,
                 case when $2::text is not null then pg_notify($2, '') end offset 0) clock
  on conflict (id) do nothing
  returning created_at, queue
), named as (
  insert into {schema}.queues (name)
  select queue from created c where not exists (select from {schema}.queues q where q.name = c.queue)
  on conflict do nothing
)
select created_at as now, null as kind from created
