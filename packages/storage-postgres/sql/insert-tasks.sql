-- Stores tasks, and answers those that were not created, as `enqueue` does.
create function {schema}.insert_tasks(
  p_now bigint,
  p_ids text[], p_names text[], p_queues text[], p_priorities int[], p_payloads text[], p_formats text[],
  p_schedules text[], p_schedule_versions int[], p_max_retries int[], p_timeouts bigint[], p_policies text[],
  p_headers text[], p_concurrency_keys text[], p_digests text[], p_clears boolean[], p_etas bigint[], p_delays bigint[],
  p_dedupe_keys text[], p_windows bigint[], p_debounces boolean[],
  p_event_types text[], p_event_runs int[], p_event_attempts int[], p_event_workers text[], p_event_data text[]
) returns setof {schema}.answer language plpgsql {plans} as $$
declare
  v_twins int[] := '{}';
  v_twin_ids text[];
  v_created text[];
  v_queues text[];
  v_all boolean;
  v_answered int;
begin
  -- One caller a key at a time, from here to the commit. In one order, so that two calls cannot block each other.
  if cardinality(p_dedupe_keys) > 0 then
    perform pg_advisory_xact_lock(hashtextextended('{schema} dedupe ' || key, 0))
       from (select key from unnest(p_dedupe_keys) key where key is not null order by key) ordered;
  end if;

  -- A statement does not see what it does itself, so tasks that share an id or a key are stored one by one.
  if (select count(distinct id) from unnest(p_ids) id) < cardinality(p_ids)
     or (select count(distinct key) < count(key) from unnest(p_dedupe_keys) key) then
    for i in 1 .. cardinality(p_ids) loop
      return query
        select r.kind, i, r.until, r.task from {schema}.insert_tasks(
          p_now, p_ids[i:i], p_names[i:i], p_queues[i:i], p_priorities[i:i], p_payloads[i:i], p_formats[i:i],
          p_schedules[i:i], p_schedule_versions[i:i], p_max_retries[i:i], p_timeouts[i:i], p_policies[i:i],
          p_headers[i:i], p_concurrency_keys[i:i], p_digests[i:i], p_clears[i:i], p_etas[i:i], p_delays[i:i],
          p_dedupe_keys[i:i], p_windows[i:i], p_debounces[i:i], p_event_types[i:i], p_event_runs[i:i],
          p_event_attempts[i:i], p_event_workers[i:i], p_event_data[i:i]) r;
    end loop;
    return;
  end if;

  if cardinality(p_dedupe_keys) > 0 then
    with twin as materialized (
      select n.item, n.debounce, coalesce(n.eta, p_now + n.delay) as eta, t.seq, t.id
        from unnest(p_ids, p_dedupe_keys, p_windows, p_debounces, p_etas, p_delays)
             with ordinality n (id, key, lasts, debounce, eta, delay, item)
       cross join lateral (
         select seq, id, created_at from {schema}.tasks
          where dedupe_key = n.key and finished_at is null order by seq desc limit 1) t
       where (n.lasts is null or p_now < t.created_at + n.lasts)
         and not exists (select from {schema}.tasks where id = n.id)
    ), debounced as (
      update {schema}.tasks t set eta = twin.eta, updated_at = p_now, revision = revision + 1
        from twin where t.seq = twin.seq and twin.debounce and t.status = 'PENDING'
    )
    select coalesce(array_agg(item::int), '{}'), array_agg(id) into v_twins, v_twin_ids from twin;
    return query
      select 'existing', x.item, null::bigint, json_populate_record(null::{schema}.tasks, json_build_object('id', x.id))
        from unnest(v_twins, v_twin_ids) x (item, id);
  end if;

  with created as (
    insert into {schema}.tasks (
      id, name, queue, priority, payload, format, status, schedule, schedule_version, eta, max_retries, timeout,
      policies, headers, concurrency_key, dedupe_key, content_digest, created_at, updated_at)
    select n.id, n.name, n.queue, n.priority, n.payload, n.format, 'PENDING', n.schedule, n.schedule_version,
           coalesce(n.eta, p_now + n.delay), n.max_retries, n.timeout,
           n.policies, n.headers, n.concurrency_key, n.dedupe_key, n.digest, p_now, p_now
      from unnest(p_ids, p_names, p_queues, p_priorities, p_payloads, p_formats, p_schedules, p_schedule_versions,
                  p_etas, p_delays, p_max_retries, p_timeouts, p_policies, p_headers, p_concurrency_keys,
                  p_dedupe_keys, p_digests)
           with ordinality n (id, name, queue, priority, payload, format, schedule, schedule_version,
                  eta, delay, max_retries, timeout, policies, headers, concurrency_key, dedupe_key, digest, item)
     where v_twins = '{}' or n.item <> all (v_twins)
     order by n.item
    on conflict (id) do nothing
    returning id, queue
  )
  select coalesce(array_agg(id), '{}'), array_agg(distinct queue) into v_created, v_queues from created;
  v_all := cardinality(v_created) = cardinality(p_ids);

  insert into {schema}.queues (name)
  select x.name from unnest(v_queues) x (name)
   where not exists (select from {schema}.queues q where q.name = x.name) order by x.name
  on conflict do nothing;
  if true = any (p_clears) then
    delete from {schema}.results r using unnest(p_ids, p_clears) n (id, clears)
     where r.task_id = n.id and n.clears and (v_all or n.id = any (v_created));
  end if;
  if cardinality(p_event_types) > 0 then
    insert into {schema}.events (task_id, type, timestamp, run, attempt, worker_id, data)
    select e.id, e.type, p_now, e.run, e.attempt, e.worker, e.data
      from unnest(p_ids, p_event_types, p_event_runs, p_event_attempts, p_event_workers, p_event_data)
           e (id, type, run, attempt, worker, data)
     where e.type is not null and (v_all or e.id = any (v_created));
  end if;

  if not v_all then
    return query
      select case when t.content_digest = n.digest then 'existing' else 'duplicate' end, n.item::int, null::bigint,
             json_populate_record(null::{schema}.tasks, json_build_object('id', n.id))
        from unnest(p_ids, p_digests) with ordinality n (id, digest, item)
       cross join lateral (select content_digest from {schema}.tasks where id = n.id limit 1) t
       where n.id <> all (v_created) and n.item <> all (v_twins);
    get diagnostics v_answered = row_count;
    if v_answered + cardinality(v_twins) + cardinality(v_created) <> cardinality(p_ids) then
      raise exception 'a task that stood in the way has gone meanwhile' using errcode = 'serialization_failure';
    end if;
  end if;
end $$;
