import type { System } from "./system.ts";
import { omniq } from "./systems/omniq.ts";
import { plainjob } from "./systems/plainjob.ts";
import { rawSqlite } from "./systems/raw-sqlite.ts";

/** Ours first, then the peers, then the bare driver: the order within a round. */
export const systems: readonly System[] = [omniq, plainjob, rawSqlite];
