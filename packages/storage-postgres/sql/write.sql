-- Makes each write to a task of its own whose guard holds: the new state of the row, or its end where there is no status,
-- and with it results and events. Answers the others, `refused`, with the row as it stands.
create function {schema}.write(
  p_now bigint, p_commit text,
  p_ids text[], p_tokens bigint[], p_schedule_versions int[], p_digests text[], p_revisions int[],
  p_statuses text[], p_runs int[], p_attempts int[], p_failures int[], p_recoveries int[], p_errors text[],
  p_holds text[], p_finished boolean[], p_etas bigint[], p_delays bigint[], p_keeps boolean[], p_drops int[],
  p_result_runs int[], p_result_statuses text[], p_result_values text[], p_result_formats text[],
  p_result_errors text[], p_result_attempts int[], p_result_starts bigint[], p_result_ttls bigint[],
  p_events json
) returns table (kind text, item int, until bigint, task {schema}.tasks) language plpgsql {plans} as $$
#variable_conflict use_column
declare
  v_written int[];
  v_all boolean;
begin
  if p_commit is not null then perform set_config('synchronous_commit', p_commit, true); end if;

  with w as materialized (
    select * from unnest(
        p_ids, p_tokens, p_schedule_versions, p_digests, p_revisions, p_statuses, p_runs, p_attempts, p_failures,
        p_recoveries, p_errors, p_holds, p_finished, p_etas, p_delays, p_keeps)
      with ordinality w (
        id, token, schedule_version, digest, revision, status, run, attempts, failures,
        recoveries, error, holds, finished, eta, delay, keeps, item)
  ), changed as (
    update {schema}.tasks t
       set status = w.status, run = w.run, attempts = w.attempts, failures = w.failures, recoveries = w.recoveries,
           error = w.error, holds = w.holds, eta = coalesce(w.eta, p_now + w.delay, t.eta),
           finished_at = case when w.finished then p_now end, updated_at = p_now, revision = t.revision + 1,
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
     where r.task_id = d.id and (r.run = d.run or d.run = -1) and (v_all or d.item = any (v_written));
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

  if not v_all then
    return query
      select 'refused', n.item::int, null::bigint, t
        from unnest(p_ids) with ordinality n (id, item) left join {schema}.tasks t on t.id = n.id
       where n.item <> all (v_written);
  end if;
end $$;
