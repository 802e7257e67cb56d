-- Makes each write whose guard holds: the new state of the row, or its end where there is no status,
-- and with it results, events, new content and children. Answers the others, `refused`, with the row as it stands.
create function {schema}.write(
  p_now bigint, p_commit text,
  p_ids text[], p_keeps boolean[], p_drops text[],
  p_tokens bigint[], p_schedule_versions int[], p_digests text[], p_revisions int[],
  p_statuses text[], p_runs int[], p_attempts int[], p_failures int[], p_recoveries int[], p_errors text[],
  p_holds text[], p_etas bigint[], p_delays bigint[],
  p_result_runs int[], p_result_statuses text[], p_result_values text[], p_result_formats text[],
  p_result_errors text[], p_result_attempts int[], p_result_starts bigint[], p_result_ttls bigint[],
  p_events json, p_further json
) returns setof {schema}.answer language plpgsql {plans} as $$
declare
  v_written int[];
  v_all boolean;
  v_child record;
begin
  if p_commit is not null then perform set_config('synchronous_commit', p_commit, true); end if;

  -- Of two writes to one task the first is made. The other was decided on the row as it was before it.
  with w as materialized (
    select distinct on (id) * from unnest(
        p_ids, p_tokens, p_schedule_versions, p_digests, p_revisions, p_statuses, p_runs, p_attempts, p_failures,
        p_recoveries, p_errors, p_holds, p_etas, p_delays, p_keeps)
      with ordinality w (
        id, token, schedule_version, digest, revision, status, run, attempts, failures,
        recoveries, error, holds, eta, delay, keeps, item)
     order by id, item
  ), changed as (
    update {schema}.tasks t
       set status = w.status, run = w.run, attempts = w.attempts, failures = w.failures, recoveries = w.recoveries,
           error = w.error, holds = w.holds, eta = coalesce(w.eta, p_now + w.delay, t.eta),
           finished_at = case when w.status in ('SUCCESS', 'FAILED', 'CANCELLED') then p_now end,
           updated_at = p_now, revision = t.revision + 1,
           token = case when w.keeps then t.token end,
           worker_id = case when w.keeps then t.worker_id end,
           lease_until = case when w.keeps then t.lease_until end,
           progress = case when w.keeps then t.progress end,
           settled_token = coalesce(w.token, t.settled_token),
           settled_digest = coalesce(w.digest, t.settled_digest)
      from w
     where t.id = w.id and w.status is not null
       and (t.token = w.token and t.schedule_version = w.schedule_version or t.revision = w.revision)
    returning w.item
  ), removed as (
    delete from {schema}.tasks t using w
     where t.id = w.id and w.status is null
       and (t.token = w.token and t.schedule_version = w.schedule_version or t.revision = w.revision)
    returning w.item
  )
  select coalesce(array_agg(item::int), '{}') into v_written
    from (select item from changed union all select item from removed) written;
  v_all := cardinality(v_written) = cardinality(p_ids);

  if cardinality(p_drops) > 0 then
    delete from {schema}.results r using unnest(p_ids, p_drops) with ordinality d (id, run, item)
     where r.task_id = d.id and (d.run = 'all' or r.run = nullif(d.run, 'all')::int)
       and (v_all or d.item = any (v_written));
  end if;
  if cardinality(p_result_runs) > 0 then
    insert into {schema}.results (
      task_id, run, status, value, format, error, attempts, started_at, finished_at, expires_at)
    select r.id, r.run, r.status, r.value, r.format, r.error, r.attempts, r.started, p_now, p_now + r.ttl
      from unnest(
          p_ids, p_result_runs, p_result_statuses, p_result_values, p_result_formats, p_result_errors,
          p_result_attempts, p_result_starts, p_result_ttls)
        with ordinality r (id, run, status, value, format, error, attempts, started, ttl, item)
     where r.run is not null and (v_all or r.item = any (v_written))
    on conflict (task_id, run) do update
       set status = excluded.status, value = excluded.value, format = excluded.format, error = excluded.error,
           attempts = excluded.attempts, started_at = excluded.started_at, finished_at = excluded.finished_at,
           expires_at = excluded.expires_at, pending_token = null;
  end if;
  if p_events is not null then
    insert into {schema}.events (task_id, type, timestamp, run, attempt, worker_id, data)
    select e."taskId", e.type, p_now, e.run, e.attempt, e."workerId", e.data
      from json_to_recordset(p_events)
           e (item int, "taskId" text, type text, run int, attempt int, "workerId" text, data text)
     where v_all or e.item = any (v_written);
  end if;

  if p_further is not null then
    with defined as (
      update {schema}.tasks t
         set name = d.name, queue = d.queue, priority = d.priority, payload = d.payload, format = d.format,
             schedule = d.schedule, schedule_version = d."scheduleVersion", max_retries = d."maxRetries",
             timeout = d.timeout, policies = d.policies, headers = d.headers, concurrency_key = d."concurrencyKey",
             content_digest = d."contentDigest"
        from json_to_recordset(p_further) f (item int, id text, definition json)
       cross join lateral json_to_record(f.definition) d (
             name text, queue text, priority int, payload text, format text, schedule text, "scheduleVersion" int,
             "maxRetries" int, timeout bigint, policies text, headers text, "concurrencyKey" text, "contentDigest" text)
       where t.id = f.id and f.definition is not null and (v_all or f.item = any (v_written))
      returning d.queue)
    insert into {schema}.queues (name) select distinct queue from defined order by queue on conflict do nothing;
    -- One by one, for a child may stand in the way of the next.
    for v_child in
      select c.* from json_to_recordset(p_further) f (item int, enqueue json)
       cross join lateral json_to_recordset(f.enqueue) c (
             id text, name text, queue text, priority int, payload text, format text, schedule text,
             "scheduleVersion" int, "maxRetries" int, timeout bigint, policies text, headers text,
             "concurrencyKey" text, "contentDigest" text, "clearsResults" boolean, due json, dedupe json, event json)
       where v_all or f.item = any (v_written)
    loop
      perform {schema}.insert_tasks(
        p_now, array[v_child.id], array[v_child.name], array[v_child.queue], array[v_child.priority],
        array[v_child.payload], array[v_child.format], array[v_child.schedule], array[v_child."scheduleVersion"],
        array[v_child."maxRetries"], array[v_child.timeout], array[v_child.policies], array[v_child.headers],
        array[v_child."concurrencyKey"], array[v_child."contentDigest"], array[v_child."clearsResults"],
        array[(v_child.due ->> 'at')::bigint], array[(v_child.due ->> 'inMs')::bigint],
        array[v_child.dedupe ->> 'key'], array[(v_child.dedupe ->> 'windowMs')::bigint],
        array[(v_child.dedupe ->> 'debounce')::boolean], array[v_child.event ->> 'type'],
        array[(v_child.event ->> 'run')::int], array[(v_child.event ->> 'attempt')::int],
        array[v_child.event ->> 'workerId'], array[v_child.event ->> 'data']);
    end loop;
  end if;

  if not v_all then
    return query
      select 'refused', n.item::int, null::bigint, t
        from unnest(p_ids) with ordinality n (id, item) left join {schema}.tasks t on t.id = n.id
       where n.item <> all (v_written);
  end if;
end $$;
