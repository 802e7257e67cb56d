-- Makes writes that end leases and differ in id, token, digest of the outcome, and value and start of the result alone, each
-- of another task, and answers as `write` does. What they share comes once, in the first of `p_writes`: to read a record for
-- each takes half of the time. Mostly all guards hold, and no run has a result yet; otherwise `write` makes them. Rows are
-- written in the order of their ids, as there, so that two calls cannot block each other.
create function {schema}.write_alike(
  p_now bigint, p_commit text,
  p_writes {schema}.task_write[], p_ids text[], p_tokens bigint[], p_digests text[], p_values text[], p_starts bigint[]
) returns setof {schema}.answer language plpgsql {plans} as $$
declare
  v_write {schema}.task_write := p_writes[1];
  v_writes {schema}.task_write[] := '{}';
  v_written int;
begin
  if p_commit is not null and 'off' in (p_commit, current_setting('synchronous_commit')) then
    perform set_config('synchronous_commit', p_commit, true);
  end if;

  begin
    with w as materialized (
      select * from unnest(p_ids, p_tokens, p_digests, p_values, p_starts) w (id, token, digest, value, start)
       order by id collate "C"
    ), changed as (
      update {schema}.tasks t
         set status = v_write.status, run = v_write.run, attempts = v_write.attempts, failures = v_write.failures,
             recoveries = v_write.recoveries, error = v_write.error, holds = v_write.holds,
             finished_at = case when v_write.status in ('SUCCESS', 'FAILED', 'CANCELLED') then p_now end,
             updated_at = p_now, revision = t.revision + 1,
             token = null, worker_id = null, lease_until = null, progress = null,
             settled_token = w.token, settled_digest = w.digest
        from w
       where t.id = w.id and t.token = w.token and t.schedule_version = v_write.schedule_version
         and v_write.status is not null
      returning w.*
    ), removed as (
      delete from {schema}.tasks t using w
       where t.id = w.id and t.token = w.token and t.schedule_version = v_write.schedule_version
         and v_write.status is null
      returning w.*
    ), made as (
      select * from changed union all select * from removed
    ), kept as (
      insert into {schema}.results (
        task_id, run, status, value, format, error, attempts, started_at, finished_at, expires_at)
      select id, v_write.result_run, v_write.result_status, value, v_write.result_format, v_write.result_error,
             v_write.result_attempts, start, p_now, p_now + v_write.result_ttl
        from made where v_write.result_run is not null
    )
    select count(*) into v_written from made;
    if v_written = cardinality(p_ids) then return; end if;
    raise sqlstate 'OQ001';
  exception when unique_violation or sqlstate 'OQ001' then null;
  end;

  for v_write.id, v_write.token, v_write.outcome_digest, v_write.result_value, v_write.result_started_at
   in select * from unnest(p_ids, p_tokens, p_digests, p_values, p_starts) loop
    v_writes := array_append(v_writes, v_write);
  end loop;
  return query select * from {schema}.write(p_now, p_commit, v_writes, '{}', '{}', '{}', '{}', '{}');
end $$;
