import { type Connection, REFUSALS, redisFailure } from "@omniq/connection-redis";
import { FAILURES, type Failure, emitWarningOnce } from "@omniq/core/storage";
import type { Settings } from "./redis-options.ts";

/** Why a server or a prefix will not do, beside what is wrong with any. */
const UNFIT = {
  notDurable: ["not_durable", "final", "% does not sync its log at each call. Set `appendfsync` to always."],
  foreignKey: ["foreign_key", "final", "Somebody else made %. Nothing was changed. Choose another `prefix`."],
  tooNew: ["schema_too_new", "final", "A newer release wrote %. Nothing was changed. Use that, or a later."],
} as const satisfies Readonly<Record<string, Failure>>;

export type ServerFacts = Awaited<ReturnType<typeof readFacts>>;

/**
 * What a server says of itself, as far as tasks depend on it; a setting is `unknown` where it does not tell.
 *
 * @throws StorageError where the user may not even ask for INFO, and the server cannot be judged
 */
export async function readFacts(connection: Connection) {
  // Hosted servers often refuse CONFIG; INFO then has to do.
  const asked = connection.command("CONFIG", "GET", "*").catch(() => []);
  const [text, settings] = (await Promise.all([connection.command("INFO"), asked])) as [string, string[]];
  const info = (name: string): string => new RegExp(`^${name}:(.*)\r$`, "m").exec(text)?.[1] ?? "unknown";
  const setting = (name: string, otherwise = "unknown"): string => {
    const at = settings.indexOf(name);
    return at < 0 ? otherwise : settings[at + 1] || "off";
  };
  return {
    version: info("redis_version"),
    mode: info("redis_mode"),
    role: info("role"),
    durability: {
      appendonly: setting("appendonly", info("aof_enabled") === "1" ? "yes" : "no"),
      appendfsync: setting("appendfsync"),
      save: setting("save"),
      "maxmemory-policy": setting("maxmemory-policy", info("maxmemory_policy")),
    },
  };
}

/** @throws StorageError `redis_too_old`, `wrong_redis_mode`, `read_only`, `not_durable` */
export function checkFacts(facts: ServerFacts, server: string, { cluster, always }: Settings): void {
  const { version, mode, role, durability } = facts;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2)) throw redisFailure(REFUSALS.tooOld, server);
  if (mode === "sentinel" || (mode === "cluster") !== cluster) throw redisFailure(REFUSALS.wrongMode, server);
  if (role === "slave" && !cluster) throw redisFailure(REFUSALS.readOnly, server);
  const syncs = durability.appendonly === "yes" && durability.appendfsync === "always";
  if (always && !syncs) throw redisFailure(UNFIT.notDurable, server);
}

/** Tells how tasks could be lost on a server that is set up so; once a process. */
export function warnOfRisks({ durability }: ServerFacts, server: string): void {
  const { appendonly, save, "maxmemory-policy": policy } = durability;
  if (!["noeviction", "unknown"].includes(policy)) {
    const advice = `(maxmemory-policy is ${policy}; set it to noeviction)`;
    emitWarningOnce(
      "OMNIQ_REDIS_MAY_LOSE_TASKS",
      `${server} may drop tasks when its memory is full ${advice}`,
    );
  }
  if (appendonly !== "yes" && save === "off")
    emitWarningOnce(
      "OMNIQ_REDIS_MAY_LOSE_TASKS",
      `${server} persists nothing, so that a restart loses all tasks (set appendonly to yes)`,
    );
}

/** The version of what is stored. A store of a later one is left alone. */
export const FORMAT = 1;

/**
 * Judges what `lua/open.lua` found: our mark, a key that somebody else made, or commands that the user may not use.
 *
 * @throws StorageError `missing_rights`, `foreign_key`, `schema_too_new`
 */
export function checkFormat(
  { base, server }: Connection,
  [kind, found]: readonly [kind: string, found: string],
): void {
  if (kind === "denied") throw redisFailure(FAILURES.missingRights, server, undefined, found);
  if (kind === "foreign") throw redisFailure(UNFIT.foreignKey, base + found);
  if (Number(found) > FORMAT) throw redisFailure(UNFIT.tooNew, base);
}
