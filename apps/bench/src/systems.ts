import { STORES, type Store, type System } from "./system.ts";

/** Every system by its name and store, loaded only where it is measured: what it loads is part of its memory. */
const LOADERS: Readonly<Record<Store, Readonly<Record<string, () => Promise<System>>>>> = {
  sqlite: {
    omniq: async () => (await import("./systems/omniq.ts")).omniq,
    plainjob: async () => (await import("./systems/plainjob.ts")).plainjob,
    raw: async () => (await import("./systems/raw-sqlite.ts")).rawSqlite,
  },
  postgres: {
    omniq: async () => (await import("./systems/omniq.ts")).omniq,
    "pg-boss": async () => (await import("./systems/pg-boss.ts")).pgBoss,
    "graphile-worker": async () => (await import("./systems/graphile-worker.ts")).graphileWorker,
    raw: async () => (await import("./systems/raw-postgres.ts")).rawPostgres,
  },
  redis: {
    omniq: async () => (await import("./systems/omniq.ts")).omniq,
    bullmq: async () => (await import("./systems/bullmq.ts")).bullmq,
    "bee-queue": async () => (await import("./systems/bee-queue.ts")).beeQueue,
    raw: async () => (await import("./systems/raw-redis.ts")).rawRedis,
  },
  file: {
    omniq: async () => (await import("./systems/omniq.ts")).omniq,
    platformatic: async () => (await import("./systems/platformatic.ts")).platformatic,
    raw: async () => (await import("./systems/raw-file.ts")).rawFile,
  },
};

/** The names of the systems that are neither OmniQ nor bare code. */
export const PEERS: Readonly<Record<Store, readonly string[]>> = Object.fromEntries(
  STORES.map((store) => [
    store,
    Object.keys(LOADERS[store]).filter((name) => name !== "omniq" && name !== "raw"),
  ]),
) as Record<Store, string[]>;

/** @throws Error where there is no such system */
export function loadSystem(store: Store, name: string): Promise<System> {
  const load = LOADERS[store][name];
  if (!load) throw new Error(`There is no ${name} on ${store}`);
  return load();
}
