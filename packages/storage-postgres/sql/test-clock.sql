-- In place of clock.sql where tests set the time.
create function {schema}.omniq_now() returns bigint language sql volatile as $$
  select value from {schema}.omniq_meta where key = 'test_now'
$$;

insert into {schema}.omniq_meta (key, value) values ('test_now', 0);
