-- Stores new tasks in groups of these sizes, and answers as `enqueue` does, where they differ in id, payload and digest
-- alone, each id comes once, and none brings anything along. What they share comes once, in the first of `p_tasks`: to
-- read a record for each takes a third of the time. Their ids are new, as far as anyone knows, and a row that may not
-- meet another costs less to store than one that may.
create function {schema}.insert_alike(
  p_now bigint, p_commit text, p_sizes int[],
  p_tasks {schema}.new_task[], p_ids text[], p_payloads text[], p_digests text[]
) returns setof {schema}.insert_answer language plpgsql {plans} as $$
declare
  v_task {schema}.new_task := p_tasks[1];
  v_tasks {schema}.new_task[] := '{}';
begin
  if p_commit is not null and 'off' in (p_commit, current_setting('synchronous_commit')) then
    perform set_config('synchronous_commit', p_commit, true);
  end if;

  begin
    insert into {schema}.tasks (
      id, name, queue, priority, payload, format, status, schedule, schedule_version, eta, max_retries, timeout,
      policies, headers, concurrency_key, content_digest, created_at, updated_at)
    select n.id, v_task.name, v_task.queue, v_task.priority, n.payload, v_task.format, 'PENDING', v_task.schedule,
           v_task.schedule_version, coalesce(v_task.due_at, p_now + v_task.due_in), v_task.max_retries,
           v_task.timeout, v_task.policies, v_task.headers, v_task.concurrency_key, n.digest, p_now, p_now
      from unnest(p_ids, p_payloads, p_digests) n (id, payload, digest);
    insert into {schema}.queues (name)
    select v_task.queue where not exists (select from {schema}.queues q where q.name = v_task.queue)
    on conflict do nothing;
    return;
  exception when unique_violation then null;
  end;
  for v_task.id, v_task.payload, v_task.content_digest in select * from unnest(p_ids, p_payloads, p_digests) loop
    v_tasks := array_append(v_tasks, v_task);
  end loop;
  return query select * from {schema}.enqueue(p_now, p_commit, p_sizes, v_tasks, false, false, false, false);
end $$;
