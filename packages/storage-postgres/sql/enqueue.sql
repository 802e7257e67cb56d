-- Stores new tasks whose ids, and whose dedupe keys, are distinct. Answers those that were not created: `existing`
-- with the id of the task that stands, or `duplicate` where the id stands for other content.
create function {schema}.enqueue(
  p_now bigint, p_commit text,
  p_ids text[], p_names text[], p_queues text[], p_priorities int[], p_payloads text[], p_formats text[],
  p_schedules text[], p_schedule_versions int[], p_etas bigint[], p_delays bigint[], p_max_retries int[],
  p_timeouts bigint[], p_policies text[], p_headers text[], p_concurrency_keys text[], p_digests text[],
  p_dedupe_keys text[], p_windows bigint[], p_debounces boolean[], p_clears boolean[], p_events json
) returns table (kind text, item int, id text) language plpgsql {plans} as $$
#variable_conflict use_column
declare
  v_twins int[] := '{}';
  v_twin_ids text[];
  v_created text[];
  v_queues text[];
  v_all boolean;
  v_answered int;
begin
  if p_commit is not null then perform set_config('synchronous_commit', p_commit, true); end if;

  if cardinality(p_dedupe_keys) > 0 then
    -- One caller a key at a time, from here to the commit. In one order, so that two calls cannot block each other.
    perform pg_advisory_xact_lock(hashtextextended('{schema} dedupe ' || key, 0))
       from (select key from unnest(p_dedupe_keys) key where key is not null order by key) ordered;
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
    return query select 'existing', x.item, x.id from unnest(v_twins, v_twin_ids) x (item, id);
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
  if p_events is not null then
    insert into {schema}.events (task_id, type, timestamp, run, attempt, worker_id, data)
    select e."taskId", e.type, p_now, e.run, e.attempt, e."workerId", e.data
      from json_to_recordset(p_events)
           e ("taskId" text, type text, run int, attempt int, "workerId" text, data text)
     where v_all or e."taskId" = any (v_created);
  end if;

  if not v_all then
    return query
      select case when t.content_digest = n.digest then 'existing' else 'duplicate' end, n.item::int, n.id
        from unnest(p_ids, p_digests) with ordinality n (id, digest, item)
       cross join lateral (select content_digest from {schema}.tasks where id = n.id limit 1) t
       where n.id <> all (v_created) and n.item <> all (v_twins);
    get diagnostics v_answered = row_count;
    if v_answered + cardinality(v_twins) + cardinality(v_created) <> cardinality(p_ids) then
      raise exception 'a task that stood in the way has gone meanwhile' using errcode = 'serialization_failure';
    end if;
  end if;
end $$;
