-- Stores new tasks, each for itself, and answers those that were not created: `existing`, or `duplicate` where the id
-- stands for other content. The caller says what there is among them: two with one id or key, keys, ids whose results
-- go, and events.
create function {schema}.insert_tasks(
  p_now bigint, p_commit text,
  p_tasks {schema}.new_task[], p_alike boolean, p_keys boolean, p_clears boolean, p_events boolean
) returns setof {schema}.insert_answer language plpgsql {plans} as $$
declare
  v_twins bigint[] := '{}';
  v_twin_ids text[];
  v_created text[];
  v_are_all boolean;
  v_answered int;
begin
  if p_commit is not null and 'off' in (p_commit, current_setting('synchronous_commit')) then
    perform set_config('synchronous_commit', p_commit, true);
  end if;

  -- One caller a key at a time, from here to the commit. In one order, so that two calls cannot block each other.
  if p_keys then
    perform pg_advisory_xact_lock(hashtextextended('{schema} dedupe ' || dedupe_key, 0)) from (
      select dedupe_key from unnest(p_tasks) where dedupe_key is not null order by dedupe_key) ordered;
  end if;

  -- A statement does not see what it does itself.
  if p_alike then
    for i in 1 .. cardinality(p_tasks) loop
      return query
        select r.kind, i, r.id
          from {schema}.insert_tasks(p_now, p_commit, p_tasks[i:i], false, p_keys, p_clears, p_events) r;
    end loop;
    return;
  end if;

  if p_keys then
    with twin as materialized (
      select n.ordinality, n.debounce, coalesce(n.due_at, p_now + n.due_in) as eta, t.seq, t.id
        from unnest(p_tasks) with ordinality n
       cross join lateral (
         select seq, id, created_at from {schema}.tasks
          where dedupe_key = n.dedupe_key and finished_at is null order by seq desc limit 1) t
       where (n.dedupe_window is null or p_now < t.created_at + n.dedupe_window)
         and not exists (select from {schema}.tasks where id = n.id)
    ), debounced as (
      update {schema}.tasks t set eta = twin.eta, updated_at = p_now, revision = revision + 1
        from twin where t.seq = twin.seq and twin.debounce and t.status = 'PENDING'
    )
    select coalesce(array_agg(ordinality), '{}'), array_agg(id) into v_twins, v_twin_ids from twin;
    return query select 'existing', x.item::int, x.id from unnest(v_twins, v_twin_ids) x (item, id);
  end if;

  -- In their order, in which `unnest` gives them: no sort.
  with created as (
    insert into {schema}.tasks (
      id, name, queue, priority, payload, format, status, schedule, schedule_version, eta, max_retries, timeout,
      policies, headers, concurrency_key, dedupe_key, content_digest, created_at, updated_at)
    select id, name, queue, priority, payload, format, 'PENDING', schedule, schedule_version,
           coalesce(due_at, p_now + due_in), max_retries, timeout,
           policies, headers, concurrency_key, dedupe_key, content_digest, p_now, p_now
      from unnest(p_tasks) with ordinality
     where v_twins = '{}' or ordinality <> all (v_twins)
    on conflict (id) do nothing
    returning id, queue
  ), named as (
    insert into {schema}.queues (name)
    select queue from (select distinct queue from created) c
     where not exists (select from {schema}.queues q where q.name = c.queue) order by queue
    on conflict do nothing
  )
  select coalesce(array_agg(id), '{}') into v_created from created;

  -- To look each id up among all the others is for where one is missing.
  v_are_all := cardinality(v_created) = cardinality(p_tasks);

  if p_clears then
    delete from {schema}.results r using unnest(p_tasks) n
     where r.task_id = n.id and n.clears_results and (v_are_all or n.id = any (v_created));
  end if;
  if p_events then
    insert into {schema}.events (task_id, type, timestamp, run, attempt, worker_id, data)
    select id, event_type, p_now, event_run, event_attempt, event_worker_id, event_data
      from unnest(p_tasks) where event_type is not null and (v_are_all or id = any (v_created));
  end if;

  if not v_are_all then
    return query
      select case when t.content_digest = n.content_digest then 'existing' else 'duplicate' end, n.ordinality::int, n.id
        from unnest(p_tasks) with ordinality n
       cross join lateral (select content_digest from {schema}.tasks where id = n.id limit 1) t
       where n.id <> all (v_created) and n.ordinality <> all (v_twins);
    get diagnostics v_answered = row_count;
    if v_answered + cardinality(v_twins) + cardinality(v_created) <> cardinality(p_tasks) then
      raise exception 'a task that stood in the way has gone meanwhile' using errcode = 'serialization_failure';
    end if;
  end if;
end $$;
