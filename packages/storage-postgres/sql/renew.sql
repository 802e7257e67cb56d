-- Moves the ends of leases on, never back. Answers each: `renewed` with the new end, or `refused` with the row.
create function {schema}.renew(
  p_now bigint, p_commit text, p_renewals {schema}.renewal[]
) returns setof {schema}.answer language plpgsql {plans} as $$
declare
  v_items int[];
  v_untils bigint[];
  v_answer {schema}.answer;
begin
  if p_commit is not null and 'off' in (p_commit, current_setting('synchronous_commit')) then
    perform set_config('synchronous_commit', p_commit, true);
  end if;

  -- A statement does not see what it does itself, so where a lease comes twice, they are taken one by one.
  if (select count(distinct id) from unnest(p_renewals)) < cardinality(p_renewals) then
    for i in 1 .. cardinality(p_renewals) loop
      for v_answer in select * from {schema}.renew(p_now, p_commit, p_renewals[i:i]) loop
        v_answer.item := i;
        return next v_answer;
      end loop;
    end loop;
    return;
  end if;

  with renewed as (
    update {schema}.tasks t
       set lease_until = greatest(t.lease_until, p_now + n.lease), progress = coalesce(n.progress, t.progress),
           revision = t.revision + 1
      from unnest(p_renewals) with ordinality n
     where t.id = n.id and t.token = n.token
    returning n.ordinality, t.lease_until
  )
  select coalesce(array_agg(ordinality::int), '{}'), array_agg(lease_until) into v_items, v_untils from renewed;

  return query
    select 'renewed', x.item, x.until, (null::{schema}.tasks).* from unnest(v_items, v_untils) x (item, until);
  return query
    select 'refused', n.ordinality::int, null::bigint, t.*
      from unnest(p_renewals) with ordinality n left join {schema}.tasks t on t.id = n.id
     where n.ordinality <> all (v_items);
end $$;
