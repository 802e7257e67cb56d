-- Makes each write whose guard holds: the new state of the row, or its end where there is no status, and with it results
-- and events, new content and children, each by the number of its write. Answers the others, `refused`, with the row as
-- it stands.
create function {schema}.write(
  p_now bigint, p_commit text,
  p_writes {schema}.task_write[], p_events {schema}.new_event[],
  p_definitions {schema}.new_task[], p_definition_of int[], p_children {schema}.new_task[], p_child_of int[]
) returns setof {schema}.answer language plpgsql {plans} as $$
declare
  v_written bigint[];
  v_are_all boolean;
begin
  if p_commit is not null and 'off' in (p_commit, current_setting('synchronous_commit')) then
    perform set_config('synchronous_commit', p_commit, true);
  end if;

  -- Of two writes to one task under one guard the first is made: the other was decided on the row as it was before it.
  -- One whose guard does not hold stands in nobody's way.
  with w as materialized (
    select distinct on (id collate "C", token, revision) * from unnest(p_writes) with ordinality
     order by id collate "C", token, revision, ordinality
  ), changed as (
    update {schema}.tasks t
       set status = w.status, run = w.run, attempts = w.attempts, failures = w.failures, recoveries = w.recoveries,
           error = w.error, holds = w.holds, eta = coalesce(w.due_at, p_now + w.due_in, t.eta),
           finished_at = case when w.status in ('SUCCESS', 'FAILED', 'CANCELLED') then p_now end,
           updated_at = p_now, revision = t.revision + 1,
           token = case when w.keeps_lease then t.token end,
           worker_id = case when w.keeps_lease then t.worker_id end,
           lease_until = case when w.keeps_lease then t.lease_until end,
           progress = case when w.keeps_lease then t.progress end,
           settled_token = coalesce(w.token, t.settled_token),
           settled_digest = coalesce(w.outcome_digest, t.settled_digest)
      from w
     where t.id = w.id and w.status is not null
       and (t.token = w.token and t.schedule_version = w.schedule_version or t.revision = w.revision)
    returning w.*
  ), removed as (
    delete from {schema}.tasks t using w
     where t.id = w.id and w.status is null
       and (t.token = w.token and t.schedule_version = w.schedule_version or t.revision = w.revision)
    returning w.*
  ), made as materialized (
    select * from changed union all select * from removed
  ), dropped as (
    -- But not one that is written over: a statement touches a row once.
    delete from {schema}.results r using made w
     where r.task_id = w.id and (w.drop_results = 'all' or r.run = nullif(w.drop_results, 'all')::int)
       and r.run is distinct from w.result_run
  ), kept as (
    insert into {schema}.results (
      task_id, run, status, value, format, error, attempts, started_at, finished_at, expires_at)
    select id, result_run, result_status, result_value, result_format, result_error, result_attempts,
           result_started_at, p_now, p_now + result_ttl
      from made where result_run is not null
    on conflict (task_id, run) do update
       set status = excluded.status, value = excluded.value, format = excluded.format, error = excluded.error,
           attempts = excluded.attempts, started_at = excluded.started_at, finished_at = excluded.finished_at,
           expires_at = excluded.expires_at, pending_token = null
  )
  select coalesce(array_agg(ordinality), '{}') into v_written from made;

  -- To look each number up among all the others is for where one is missing.
  v_are_all := cardinality(v_written) = cardinality(p_writes);

  if cardinality(p_events) > 0 then
    insert into {schema}.events (task_id, type, timestamp, run, attempt, worker_id, data)
    select e.task_id, e.type, p_now, e.run, e.attempt, e.worker_id, e.data
      from unnest(p_events) e where v_are_all or e.item = any (v_written);
  end if;
  if cardinality(p_definitions) > 0 then
    with defined as (
      update {schema}.tasks t
         set name = d.name, queue = d.queue, priority = d.priority, payload = d.payload, format = d.format,
             schedule = d.schedule, schedule_version = d.schedule_version, max_retries = d.max_retries,
             timeout = d.timeout, policies = d.policies, headers = d.headers, concurrency_key = d.concurrency_key,
             content_digest = d.content_digest
        from unnest(p_definitions) with ordinality d
       where t.id = p_writes[p_definition_of[d.ordinality]].id and p_definition_of[d.ordinality] = any (v_written)
      returning d.queue)
    insert into {schema}.queues (name) select distinct queue from defined order by queue on conflict do nothing;
  end if;
  -- One by one, for a child may stand in the way of the next.
  for i in 1 .. cardinality(p_children) loop
    continue when p_child_of[i] <> all (v_written);
    perform {schema}.insert_tasks(p_now, p_commit, p_children[i:i], false, true, true, true);
  end loop;

  if not v_are_all then
    return query
      select 'refused', w.ordinality::int, null::bigint, t.*
        from unnest(p_writes) with ordinality w left join {schema}.tasks t on t.id = w.id
       where w.ordinality <> all (v_written);
  end if;
end $$;
