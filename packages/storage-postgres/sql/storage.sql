-- What waits since later than it is due: given back, or put ahead. There is little of it, and it lies below the
-- low-water marks of claims.
create index tasks_late on {schema}.tasks (queue, priority, eta, seq)
 where status = 'PENDING' and holds is null and eta < updated_at;

-- Every task is written three times, so dead rows are cleared away early.
alter table {schema}.tasks set (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
alter table {schema}.results set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
alter table {schema}.events set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
