import { StorageError } from "@omniq/core";
import type { Connection } from "./connection.ts";
import { readOnly, wrongMode } from "./redis-failure.ts";
import type { Settings } from "./redis-options.ts";

/** What a server says of itself, as far as tasks depend on it. */
export interface ServerFacts {
  readonly version: string;
  readonly mode: string;
  readonly role: string;
  /** The settings that durability rests on; `unknown` where the server does not tell. */
  readonly durability: Readonly<Record<"appendonly" | "appendfsync" | "save" | "maxmemory-policy", string>>;
}

/** @throws StorageError where the user may not even ask for INFO, and the server cannot be judged. */
export async function readFacts(connection: Connection): Promise<ServerFacts> {
  const [text, settings] = await Promise.all([connection.command("INFO"), readSettings(connection)]);
  const info = new Map(
    String(text)
      .split("\r\n")
      .map((line) => line.split(":", 2) as [string, string]),
  );
  return {
    version: info.get("redis_version") ?? "0",
    mode: info.get("redis_mode") ?? "unknown",
    role: info.get("role") ?? "unknown",
    durability: {
      appendonly: settings.get("appendonly") ?? (info.get("aof_enabled") === "1" ? "yes" : "no"),
      appendfsync: settings.get("appendfsync") ?? "unknown",
      save: settings.get("save")?.replace(/^$/, "off") ?? "unknown",
      "maxmemory-policy": settings.get("maxmemory-policy") ?? info.get("maxmemory_policy") ?? "unknown",
    },
  };
}

/** @throws StorageError `redis_too_old`, `wrong_redis_mode`, `read_only`, `not_durable` */
export function checkFacts(
  { version, mode, role, durability }: ServerFacts,
  server: string,
  expected: Settings,
): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new StorageError("redis_too_old", `${server} is Redis ${version}. OmniQ needs 6.2 or newer.`);
  }
  if (mode === "sentinel" || (mode === "cluster") !== expected.cluster) throw wrongMode(server);
  if (role === "slave" && !expected.cluster) throw readOnly(server);
  if (expected.always && (durability.appendonly !== "yes" || durability.appendfsync !== "always")) {
    throw new StorageError(
      "not_durable",
      `${server} does not sync its log before it answers (appendonly ${durability.appendonly}, appendfsync ` +
        `${durability.appendfsync}). Set both to yes and always, or open the store with durability "server".`,
    );
  }
}

const warned = new Set<string>();

/** Tells, once a process, how tasks could be lost on a server that is set up so. */
export function warnOfRisks({ durability }: ServerFacts, server: string): void {
  const policy = durability["maxmemory-policy"];
  const risks: string[] = [];
  if (policy !== "noeviction" && policy !== "unknown") {
    risks.push(
      `may drop tasks when its memory is full (maxmemory-policy is ${policy}; set it to noeviction)`,
    );
  }
  if (durability.appendonly !== "yes" && durability.save === "off") {
    risks.push("persists nothing, so that a restart loses all tasks (set appendonly to yes)");
  }
  for (const risk of risks) {
    const message = `${server} ${risk}`;
    if (warned.has(message)) continue;
    warned.add(message);
    process.emitWarning(message, { type: "OmniQWarning", code: "OMNIQ_REDIS_MAY_LOSE_TASKS" });
  }
}

/** Hosted servers often refuse CONFIG; INFO then has to do. */
async function readSettings(connection: Connection): Promise<Map<string, string>> {
  const names = ["appendonly", "appendfsync", "save", "maxmemory-policy"];
  const answers = await Promise.allSettled(names.map((name) => connection.command("CONFIG", "GET", name)));
  const pairs = answers.flatMap((answer) =>
    answer.status === "fulfilled" ? [answer.value as [string, string]] : [],
  );
  return new Map(pairs.filter((pair) => pair.length === 2));
}
