-- Stores new tasks in groups of these sizes; without sizes each stands alone. Answers those that were not created:
-- `existing` with a task of which only the id is told, that of the one that stands, or `duplicate` where the id stands
-- for other content. A group of several with a duplicate leaves nothing behind, while the others stand.
create function {schema}.enqueue(
  p_now bigint, p_commit text, p_sizes int[],
  p_ids text[], p_names text[], p_queues text[], p_priorities int[], p_payloads text[], p_formats text[],
  p_schedules text[], p_schedule_versions int[], p_max_retries int[], p_timeouts bigint[], p_policies text[],
  p_headers text[], p_concurrency_keys text[], p_digests text[], p_clears boolean[], p_etas bigint[], p_delays bigint[],
  p_dedupe_keys text[], p_windows bigint[], p_debounces boolean[],
  p_event_types text[], p_event_runs int[], p_event_attempts int[], p_event_workers text[], p_event_data text[]
) returns setof {schema}.answer language plpgsql {plans} as $$
declare
  v_answers {schema}.answer[];
  v_size int;
  v_from int := 1;
  v_to int;
begin
  if p_commit is not null then perform set_config('synchronous_commit', p_commit, true); end if;

  if cardinality(p_sizes) = 0 then
    return query select * from {schema}.insert_tasks(
      p_now, p_ids, p_names, p_queues, p_priorities, p_payloads, p_formats, p_schedules, p_schedule_versions,
      p_max_retries, p_timeouts, p_policies, p_headers, p_concurrency_keys, p_digests, p_clears, p_etas, p_delays,
      p_dedupe_keys, p_windows, p_debounces, p_event_types, p_event_runs, p_event_attempts, p_event_workers,
      p_event_data);
    return;
  end if;

  -- All at once; where there is a duplicate, what was stored is taken back, and each group has its own turn.
  begin
    v_answers := array(select r from {schema}.insert_tasks(
      p_now, p_ids, p_names, p_queues, p_priorities, p_payloads, p_formats, p_schedules, p_schedule_versions,
      p_max_retries, p_timeouts, p_policies, p_headers, p_concurrency_keys, p_digests, p_clears, p_etas, p_delays,
      p_dedupe_keys, p_windows, p_debounces, p_event_types, p_event_runs, p_event_attempts, p_event_workers,
      p_event_data) r);
    if exists (select from unnest(v_answers) a where a.kind = 'duplicate') then raise sqlstate 'OQ001'; end if;
    return query select * from unnest(v_answers);
    return;
  exception when sqlstate 'OQ001' then null;
  end;
  foreach v_size in array p_sizes loop
    v_to := v_from + v_size - 1;
    begin
      v_answers := array(select r from {schema}.insert_tasks(
        p_now, p_ids[v_from:v_to], p_names[v_from:v_to], p_queues[v_from:v_to], p_priorities[v_from:v_to],
        p_payloads[v_from:v_to], p_formats[v_from:v_to], p_schedules[v_from:v_to], p_schedule_versions[v_from:v_to],
        p_max_retries[v_from:v_to], p_timeouts[v_from:v_to], p_policies[v_from:v_to], p_headers[v_from:v_to],
        p_concurrency_keys[v_from:v_to], p_digests[v_from:v_to], p_clears[v_from:v_to], p_etas[v_from:v_to],
        p_delays[v_from:v_to], p_dedupe_keys[v_from:v_to], p_windows[v_from:v_to], p_debounces[v_from:v_to],
        p_event_types[v_from:v_to], p_event_runs[v_from:v_to], p_event_attempts[v_from:v_to],
        p_event_workers[v_from:v_to], p_event_data[v_from:v_to]) r);
      if v_size > 1 and exists (select from unnest(v_answers) a where a.kind = 'duplicate') then
        raise sqlstate 'OQ001';
      end if;
    exception when sqlstate 'OQ001' then null;
    end;
    return query select a.kind, a.item + v_from - 1, a.until, a.task from unnest(v_answers) a;
    v_from := v_to + 1;
  end loop;
end $$;
