-- Claims tasks, queue by queue: first those whose lease has lapsed, then PENDING ones, one seek down the index
-- `tasks_due` for each priority, so that neither what has ended nor what is due later costs anything. Of many queues one
-- look picks those that have any, since to go through one in vain takes ten times as long.
--
-- Until a vacuum, an index still has the entries of all tasks that were claimed before, and a look from its beginning
-- passes every one. So whoever claims again and again says how far it has come, by low-water marks: below a mark nothing
-- waits but what was put there since, which `tasks_late` has. Where too little is found above the marks, all is looked
-- at. Callers leave their marks out once a second, for the sake of what a slow transaction has committed below them.
--
-- After the deadline nobody waits for the answer, and what was claimed would wait for its lease to lapse: nothing is
-- claimed then.
--
-- The rows are locked by a statement of their own, so that its limit is applied once, and the token is taken when they
-- are held: whoever held one of them before has taken an earlier one. A locked row stays where it is, so it is found
-- again by its place, without an index and the dead versions in it.
create function {schema}.claim(
  p_now bigint, p_commit text,
  p_queues {schema}.claimed_queue[], p_marks {schema}.mark[],
  p_total int, p_worker text, p_lease bigint, p_claimed_event text, p_recovered_event text, p_deadline bigint
) returns setof {schema}.answer language plpgsql {plans} as $$
declare
  v_beginning constant bigint := -9223372036854775808;
  v_few constant int := 4;
  v_places int[];
  v_place int;
  v_left int := p_total;
  v_queue text;
  v_room int;
  v_by_marks boolean;
  v_mark {schema}.mark;
  v_above int;
  v_priority int;
  v_unmarked int;
  v_from bigint;
  v_tids tid[];
  v_token bigint;
begin
  if p_now > p_deadline then
    return;
  end if;
  if p_commit is not null and 'off' in (p_commit, current_setting('synchronous_commit')) then
    perform set_config('synchronous_commit', p_commit, true);
  end if;

  if cardinality(p_queues) > v_few then
    select coalesce(array_agg(q.place order by q.place), '{}') into v_places
      from unnest(p_queues) with ordinality q (name, most, lease_from, place)
     where q.lease_from is not null
        or (select true from {schema}.tasks
             where queue = q.name and status = 'PENDING' and holds is null limit 1)
        or (select true from {schema}.tasks
             where queue = q.name and status = 'RUNNING' and lease_until <= p_now limit 1);
  end if;

  for v_turn in 1 .. coalesce(cardinality(v_places), cardinality(p_queues)) loop
    v_place := coalesce(v_places[v_turn], v_turn);
    v_queue := p_queues[v_place].name;
    v_room := least(p_queues[v_place].most, v_left);
    continue when v_room <= 0;
    continue when exists (select from {schema}.queues where name = v_queue and paused = 1);
    v_left := v_left - v_room;
    v_by_marks := p_queues[v_place].lease_from is not null;
    loop
      v_from := case when v_by_marks then p_queues[v_place].lease_from else v_beginning end;
      select array_agg(ctid) into v_tids from (
        select ctid from {schema}.tasks
         where queue = v_queue and status = 'RUNNING' and lease_until >= v_from and lease_until <= p_now
         order by lease_until limit v_room for update skip locked) lapsed;
      if v_tids is not null then
        v_token := {schema}.next_token();
        if p_recovered_event is not null then
          insert into {schema}.events (task_id, type, timestamp, run, attempt, worker_id)
          select id, p_recovered_event, p_now, run, attempts, worker_id from {schema}.tasks where ctid = any (v_tids);
        end if;
        return query
          update {schema}.tasks t
             set attempts = attempts + 1, recoveries = recoveries + 1, last_attempt_at = p_now, updated_at = p_now,
                 token = v_token, lease_until = p_now + p_lease, worker_id = p_worker, progress = null,
                 revision = revision + 1
           where ctid = any (v_tids)
          returning 'recovered', null::int, null::bigint, t.*;
        v_room := v_room - cardinality(v_tids);
      end if;

      v_priority := 32768;
      while v_room > 0 loop
        -- The next priority that has a mark; before it, one that has none and yet a task.
        v_above := v_priority;
        v_priority := -32769;
        if v_by_marks then
          foreach v_mark in array p_marks loop
            continue when v_mark.queue <> v_place or v_mark.priority >= v_above or v_mark.priority <= v_priority;
            v_priority := v_mark.priority;
            v_from := v_mark.eta;
          end loop;
        end if;
        -- Not max(): the planner may read every waiting task for that.
        select priority into v_unmarked from {schema}.tasks
         where queue = v_queue and status = 'PENDING' and holds is null
           and priority > v_priority and priority < v_above
         order by priority desc limit 1;
        if found then
          v_priority := v_unmarked;
          v_from := v_beginning;
        end if;
        exit when v_priority = -32769;
        select array_agg(ctid) into v_tids from (
          select ctid from (
            select ctid from {schema}.tasks
             where queue = v_queue and status = 'PENDING' and holds is null and eta < updated_at
               and priority = v_priority and eta < v_from and eta <= p_now
             order by eta, seq limit v_room for update skip locked) late
          union all
          select ctid from (
            select ctid from {schema}.tasks
             where queue = v_queue and status = 'PENDING' and holds is null
               and priority = v_priority and eta >= v_from and eta <= p_now
             order by eta, seq limit v_room for update skip locked) due
          limit v_room) claimable;
        continue when v_tids is null;
        v_token := {schema}.next_token();
        if p_claimed_event is not null then
          insert into {schema}.events (task_id, type, timestamp, run, attempt, worker_id)
          select id, p_claimed_event, p_now, run, attempts + 1, p_worker from {schema}.tasks where ctid = any (v_tids);
        end if;
        -- One by one in the order of the list, since nothing else is left to the planner; to sort whole rows costs more.
        return query
          update {schema}.tasks t
             set status = 'RUNNING', attempts = attempts + 1, last_attempt_at = p_now, updated_at = p_now,
                 token = v_token, lease_until = p_now + p_lease, worker_id = p_worker, progress = null,
                 revision = revision + 1
            from unnest(v_tids) listed (tid)
           where t.ctid = listed.tid
          returning 'claimed', null::int, null::bigint, t.*;
        v_room := v_room - cardinality(v_tids);
      end loop;
      exit when v_room = 0 or not v_by_marks;
      v_by_marks := false;
    end loop;
    v_left := v_left + v_room;
  end loop;
end $$;
