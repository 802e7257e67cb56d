import { PostgresStorage } from "@omniq/storage-postgres";
import { Client } from "pg";
import { gathering } from "../gathering.ts";
import type { Payload, System } from "../system.ts";

const NOW = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

const INSERT = `
  insert into omniq.tasks (id, name, queue, priority, payload, format, status, schedule_version, eta, max_retries,
    content_digest, created_at, updated_at)
  select n.id, 'noop', 'default', 0, n.payload, 'json', 'PENDING', 1, clock.now, 3, 'AAAAAAAAAAAAAAAAAAAAAA',
         clock.now, clock.now
    from (select ${NOW} as now) clock, unnest($1::text[], $2::text[]) n (id, payload)
  on conflict (id) do nothing`;

const SETTLE = `
  update omniq.tasks t
     set status = 'SUCCESS', finished_at = clock.now, updated_at = clock.now, token = null, lease_until = null,
         worker_id = null, settled_token = $2, settled_digest = 'AAAAAAAAAAAAAAAAAAAAAA', revision = revision + 1
    from clock, unnest($1::text[]) held (id)
   where t.id = held.id and t.token = $2 and t.schedule_version = 1
  returning t.id`;

const REMOVE = `
  delete from omniq.tasks t using unnest($1::text[]) held (id)
   where t.id = held.id and t.token = $2 and t.schedule_version = 1
  returning t.id`;

const RESULTS = `
  insert into omniq.results (task_id, run, status, value, format, attempts, started_at, finished_at, expires_at)
  select settled.id, 1, 'SUCCESS', 'null', 'json', 1, clock.now, clock.now, clock.now + 86400000
    from settled, clock
  returning 1`;

const CLAIM = `
  update omniq.tasks t
     set status = 'RUNNING', attempts = attempts + 1, last_attempt_at = clock.now, updated_at = clock.now,
         token = lease.token, lease_until = clock.now + 30000, worker_id = 'raw', revision = revision + 1
    from clock, lease
   where t.ctid = any (array(
     select ctid from omniq.tasks
      where queue = 'default' and status = 'PENDING' and holds is null and priority = 0
        and eta <= (select now from clock)
      order by eta, seq limit $3 for update skip locked))
  returning t.id, t.payload, lease.token`;

/** Settles what is held and claims the next in one statement, which is one commit. */
function exchangeSql(keeps: boolean): string {
  return `
    with clock as materialized (select ${NOW} as now),
         lease as materialized (select nextval('omniq.omniq_token') as token),
         settled as (${keeps ? SETTLE : REMOVE}),
         ${keeps ? `results as (${RESULTS}),` : ""}
         claimed as (${CLAIM})
    select id, token from claimed`;
}

/** What Postgres allows: our own tables, filled and drained by one statement a step on one connection. */
export const rawPostgres: System = {
  settings: "pg, fsync on, OmniQ's tables, one prepared statement a step on one connection, nothing else",
  async open(place, { keeps, batch }) {
    const storage = new PostgresStorage(place.url);
    await storage.open();
    await storage.close();
    const client = new Client(place.url);
    await client.connect();
    // Planned for the indexes whatever the statistics of a fresh table say, as our functions are.
    for (const name of ["seqscan", "bitmapscan", "hashjoin", "mergejoin"])
      await client.query(`set enable_${name} = off`);
    await client.query("set plan_cache_mode = force_generic_plan; set jit = off");
    await client.query("insert into omniq.queues (name) values ('default') on conflict do nothing");
    let sequence = 0;
    const insert = (payloads: readonly Payload[]): Promise<unknown> =>
      client.query({
        name: "insert",
        text: INSERT,
        values: [
          payloads.map(() => `raw-${String(++sequence).padStart(32, "0")}`),
          payloads.map((payload) => JSON.stringify(payload)),
        ],
      });
    const text = exchangeSql(keeps);
    const exchange = async (
      ids: readonly string[],
      token: string,
      limit: number,
    ): Promise<{ ids: string[]; token: string }> => {
      const { rows } = await client.query<{ id: string; token: string }>({
        name: "exchange",
        text,
        values: [ids, token, limit],
      });
      return { ids: rows.map(({ id }) => id), token: rows[0]?.token ?? "0" };
    };
    return {
      add: gathering(insert),
      addMany: insert,
      async drain(total, concurrency) {
        const limit = batch ?? concurrency;
        let settled = 0;
        let held = await exchange([], "0", limit);
        while (settled < total) {
          settled += held.ids.length;
          held = await exchange(held.ids, held.token, limit);
        }
      },
      async counts() {
        const { rows } = await client.query<{ waiting: number; succeeded: number }>(
          `select count(*) filter (where status = 'PENDING')::int as waiting,
                  count(*) filter (where status = 'SUCCESS')::int as succeeded from omniq.tasks`,
        );
        return rows[0] as { waiting: number; succeeded: number };
      },
      close: () => client.end(),
    };
  },
};
