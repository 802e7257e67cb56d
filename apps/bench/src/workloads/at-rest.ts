import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Client } from "pg";
import type { Figures, Job } from "../job.ts";
import { loadSystem } from "../systems.ts";
import type { Place, Session } from "../system.ts";
import { drain } from "./drain.ts";
import { fill } from "./enqueue.ts";

/** Bytes a task, once nobody has the store open. */
export async function atRest(job: Job, total: number, state: "waiting" | "finished"): Promise<Figures> {
  const opened = async (work: (session: Session) => Promise<unknown>): Promise<void> => {
    const session = await (await loadSystem(job.place.store, job.system)).open(job.place, job.variant);
    await work(session);
    await session.close();
  };
  await opened(async () => {});
  const empty = await bytesAt(job.place);
  await opened(async (session) => {
    await fill(session, total);
    if (state === "finished") await drain(session, job.variant, total, 10);
  });
  return { bytesPerTask: Math.round(((await bytesAt(job.place, true)) - empty) / total) };
}

function bytesAt({ store, folder, url }: Place, settles = false): Promise<number> {
  if (store === "postgres") return bytesInPostgres(url, settles);
  if (store === "redis") return bytesInRedis(url);
  return Promise.resolve(bytesInFolder(folder));
}

function bytesInFolder(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return bytesInFolder(path);
      // What a file takes on the disk: a small one still takes a block.
      return Math.max(statSync(path).blocks * 512, statSync(path).size);
    })
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** All tables with their indexes. Settled: once vacuum has made the room of dead rows free to use again. */
async function bytesInPostgres(url: string, settles: boolean): Promise<number> {
  const client = new Client(url);
  await client.connect();
  if (settles) await client.query("vacuum");
  const { rows } = await client.query<{ bytes: string }>(
    `select coalesce(sum(pg_total_relation_size(c.oid)), 0) as bytes from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`,
  );
  await client.end();
  return Number(rows[0]?.bytes);
}

async function bytesInRedis(url: string): Promise<number> {
  const redis = new Redis(url);
  const info = await redis.info("memory");
  redis.disconnect();
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}
