-- The contract's clock. Nothing else reads the time that decisions rest on.
create function {schema}.omniq_now() returns bigint language sql volatile as $$
  select floor(extract(epoch from clock_timestamp()) * 1000)::bigint
$$;
