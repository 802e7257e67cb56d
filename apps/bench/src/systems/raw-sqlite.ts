import { SQLiteStorage } from "@omniq/storage-sqlite";
import Database from "better-sqlite3";
import { gathering } from "../gathering.ts";
import type { Payload, System } from "../system.ts";

interface Row {
  readonly id: string;
  readonly schedule_version: number;
}

/**
 * What SQLite allows: our own tables, filled and drained by bare statements, without ids, digests, checks, handlers or
 * promises a task. Durable and fenced as OmniQ is, with the same result rows.
 */
export const rawSqlite: System = {
  settings: "better-sqlite3, synchronous=FULL, OmniQ's tables and statements, nothing else",
  async open(place, { keeps, batch }) {
    const path = `${place.folder}/raw.db`;
    const storage = new SQLiteStorage(path);
    await storage.open();
    await storage.close();
    const db = new Database(path);
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.prepare("insert or ignore into queues (name) values ('default')").run();
    const insert = db.prepare(
      `insert into tasks (id, name, queue, priority, payload, format, status, schedule_version, eta, max_retries,
         content_digest, created_at, updated_at)
       values (?, 'noop', 'default', 0, ?, 'json', 'PENDING', 1, ?, 3, 'AAAAAAAAAAAAAAAAAAAAAA', ?, ?)
       on conflict (id) do nothing`,
    );
    const token = db
      .prepare("update omniq_meta set value = value + 1 where key = 'token' returning value")
      .pluck();
    const claim = db.prepare(
      `update tasks set status = 'RUNNING', attempts = attempts + 1, last_attempt_at = @now, updated_at = @now,
         token = @token, lease_until = @now + 30000, worker_id = 'raw', revision = revision + 1
       where seq in (
         select seq from tasks where queue = 'default' and status = 'PENDING' and holds is null and priority = 0
           and eta <= @now order by eta, seq limit +@limit)
       returning *`,
    );
    const settle = db.prepare(
      `update tasks set status = 'SUCCESS', finished_at = @now, updated_at = @now, token = null, lease_until = null,
         worker_id = null, settled_token = @token, settled_digest = 'AAAAAAAAAAAAAAAAAAAAAA', revision = revision + 1
       where id = @id and token = @token and schedule_version = @version`,
    );
    const result = db.prepare(
      `insert into results (task_id, run, status, value, format, attempts, started_at, finished_at, expires_at)
       values (@id, 1, 'SUCCESS', 'null', 'json', 1, @now, @now, @now + 86400000)`,
    );
    const remove = db.prepare(
      "delete from tasks where id = @id and token = @token and schedule_version = @version",
    );
    let sequence = 0;
    const insertAll = db.transaction((payloads: readonly Payload[]) => {
      const now = Date.now();
      for (const payload of payloads)
        insert.run(`raw-${String(++sequence).padStart(32, "0")}`, JSON.stringify(payload), now, now, now);
    });
    const exchange = db.transaction((held: readonly Row[], heldToken: number, limit: number) => {
      const now = Date.now();
      for (const { id, schedule_version: version } of held) {
        if (keeps) {
          settle.run({ id, token: heldToken, version, now });
          result.run({ id, now });
        } else remove.run({ id, token: heldToken, version });
      }
      const next = token.get() as number;
      return { token: next, rows: claim.all({ now, token: next, limit }) as Row[] };
    });
    return {
      add: gathering(async (payloads: readonly Payload[]) => insertAll.immediate(payloads)),
      addMany: async (payloads) => insertAll.immediate(payloads),
      async drain(total, concurrency) {
        const limit = batch ?? concurrency;
        let settled = 0;
        let held = exchange.immediate([], 0, limit);
        while (settled < total) {
          settled += held.rows.length;
          held = exchange.immediate(held.rows, held.token, limit);
        }
      },
      async counts() {
        const of = (status: string): number =>
          db.prepare("select count(*) from tasks where status = ?").pluck().get(status) as number;
        return { waiting: of("PENDING"), succeeded: of("SUCCESS") };
      },
      close: async () => db.close(),
    };
  },
};
