-- The earliest due time or lease end in these queues: one step down the index for each priority that waits. One look
-- picks the queues that have anything at all.
create function {schema}.next_due(p_queues text[]) returns bigint language plpgsql {plans} as $$
declare
  v_queue text;
  v_above int;
  v_eta bigint;
  v_earliest bigint;
begin
  for v_queue in
    select q.name from unnest(p_queues) q (name)
     where (select true from {schema}.tasks
             where queue = q.name and status = 'PENDING' and holds is null limit 1)
        or (select true from {schema}.tasks where queue = q.name and status = 'RUNNING' limit 1)
  loop
    continue when exists (select from {schema}.queues where name = v_queue and paused = 1);
    select lease_until into v_eta from {schema}.tasks
     where queue = v_queue and status = 'RUNNING' order by lease_until limit 1;
    v_earliest := least(v_earliest, v_eta);
    v_above := -32769;
    loop
      select priority, eta into v_above, v_eta from {schema}.tasks
       where queue = v_queue and status = 'PENDING' and holds is null and priority > v_above
       order by priority, eta limit 1;
      exit when not found;
      v_earliest := least(v_earliest, v_eta);
    end loop;
  end loop;
  return v_earliest;
end $$;
