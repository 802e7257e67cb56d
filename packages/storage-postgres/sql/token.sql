create sequence {schema}.omniq_token;

-- A token greater than any before. The sequence is kept above the real time in microseconds, so that neither a restored
-- backup nor a crash that lost the last commits gives a token twice. It is moved ahead by a step that is shorter than
-- any restart, by one caller at a time; all others take the next number and wait for nobody.
create function {schema}.next_token() returns bigint language plpgsql as $$
declare
  token bigint := nextval('{schema}.omniq_token');
begin
  if token < extract(epoch from clock_timestamp()) * 1000000 then
    perform pg_advisory_xact_lock(hashtextextended('{schema} token', 0));
    token := nextval('{schema}.omniq_token');
    if token < extract(epoch from clock_timestamp()) * 1000000 then
      token := setval('{schema}.omniq_token', (extract(epoch from clock_timestamp()) * 1000000)::bigint + 20000);
    end if;
  end if;
  return token;
end $$;
