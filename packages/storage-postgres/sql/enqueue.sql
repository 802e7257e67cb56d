-- Stores new tasks in groups of these sizes, and answers as `insert_tasks` does. A group of several with a duplicate
-- leaves nothing behind, while the others stand.
create function {schema}.enqueue(
  p_now bigint, p_commit text, p_sizes int[],
  p_tasks {schema}.new_task[], p_alike boolean, p_keys boolean, p_clears boolean, p_events boolean
) returns setof {schema}.insert_answer language plpgsql {plans} as $$
declare
  v_answers {schema}.insert_answer[];
  v_size int;
  v_from int := 1;
begin
  -- All at once; where a group of several may have a duplicate, what was stored is taken back, and each group has its own turn.
  begin
    v_answers := array(
      select r from {schema}.insert_tasks(p_now, p_commit, p_tasks, p_alike, p_keys, p_clears, p_events) r);
    if cardinality(p_sizes) < cardinality(p_tasks)
       and exists (select from unnest(v_answers) a where a.kind = 'duplicate') then
      raise sqlstate 'OQ001';
    end if;
    return query select * from unnest(v_answers);
    return;
  exception when sqlstate 'OQ001' then null;
  end;
  foreach v_size in array p_sizes loop
    begin
      v_answers := array(
        select r from {schema}.insert_tasks(
          p_now, p_commit, p_tasks[v_from:v_from + v_size - 1], p_alike, p_keys, p_clears, p_events) r);
      if v_size > 1 and exists (select from unnest(v_answers) a where a.kind = 'duplicate') then
        raise sqlstate 'OQ001';
      end if;
    exception when sqlstate 'OQ001' then null;
    end;
    return query select a.kind, a.item + v_from - 1, a.id from unnest(v_answers) a;
    v_from := v_from + v_size;
  end loop;
end $$;
