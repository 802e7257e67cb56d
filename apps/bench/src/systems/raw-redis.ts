import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { RedisStorage } from "@omniq/storage-redis";
import { Redis } from "ioredis";
import { gathering } from "../gathering.ts";
import type { Payload, System } from "../system.ts";

const LUA = join(dirname(createRequire(import.meta.url).resolve("@omniq/storage-redis/package.json")), "lua");
const BASE = "{omniq}:";
const META = `${BASE}meta`;

/** A script of the adapter, put together as the adapter does it. */
function script(name: string): string {
  const read = (part: string): string => readFileSync(join(LUA, `${part}.lua`), "utf8");
  const body = read(name);
  const parts = /^-- Parts: (.+)\.$/m.exec(body)?.[1]?.split(", ") ?? [];
  return ["local TEST_CLOCK, FORMAT = false, 1", ...["prelude", ...parts].map(read), body].join("\n");
}

const DIGEST = "AAAAAAAAAAAAAAAAAAAAAA";

/** Fields as the scripts read them. */
function packed(...fields: readonly (string | number)[]): string {
  return fields.join("\0");
}

type Claimed = readonly [id: string, row: string];

/**
 * What Redis allows: the adapter's own scripts, called with ready-made texts. The row that a claim answers is read for
 * its token alone.
 */
export const rawRedis: System = {
  settings: "ioredis, AOF everysec, OmniQ's scripts called directly, nothing else",
  async open(place, { keeps, batch }) {
    const storage = new RedisStorage(place.url);
    await storage.open();
    await storage.close();
    const redis = new Redis(place.url);
    const enqueueOne = String(await redis.script("LOAD", script("enqueue-one")));
    const enqueue = String(await redis.script("LOAD", script("enqueue")));
    const exchange = String(await redis.script("LOAD", script("exchange")));
    let sequence = 0;
    const insert = (payloads: readonly Payload[]): Promise<unknown> => {
      const args: (string | number)[] = [payloads.length];
      for (const payload of payloads) {
        const id = `raw-${String(++sequence).padStart(32, "0")}`;
        const rest = [
          "default",
          0,
          1,
          DIGEST,
          "noop",
          "json",
          "",
          3,
          "",
          "",
          "",
          "",
          JSON.stringify(payload),
        ];
        const definition = packed("", ...rest);
        if (payloads.length === 1) return redis.evalsha(enqueueOne, 2, BASE, META, id, "+0", definition);
        args.push(1, id, "+0", "", definition);
      }
      return redis.evalsha(enqueue, 2, BASE, META, ...args);
    };
    const state = keeps ? packed("SUCCESS", 1, 0, 1, 0, "", "") : "";
    const settlement = (claimed: readonly Claimed[]): (string | number)[] => {
      const args: (string | number)[] = [claimed.length];
      const now = Date.now();
      for (const [id, row] of claimed) {
        const token = row.split("\0", 4)[3] ?? "";
        const write = [id, packed(token, 1, DIGEST, "", keeps ? "R" : "", "", 0, 0), state];
        if (keeps) write.push(packed(1, 86_400_000, "SUCCESS", 1, now, "", "json", "", "null"));
        args.push(write.length, ...write);
      }
      return args;
    };
    const step = async (held: readonly Claimed[], limit: number): Promise<readonly Claimed[]> => {
      const claim = [limit, "raw", 30_000, "", "", "", "", "default", limit];
      const reply = await redis.evalsha(exchange, 2, BASE, META, ...settlement(held), ...claim);
      return ((reply as unknown[])[2] as unknown[]).slice(1) as Claimed[];
    };
    return {
      add: gathering(insert),
      async addMany(payloads) {
        for (let at = 0; at < payloads.length; at += 500) await insert(payloads.slice(at, at + 500));
      },
      async drain(total, concurrency) {
        const limit = batch ?? concurrency;
        let settled = 0;
        let held = await step([], limit);
        while (settled < total) {
          settled += held.length;
          held = await step(held, limit);
        }
      },
      async counts() {
        return {
          waiting: await redis.zcard(`${BASE}due:0:default`),
          succeeded: await redis.zcard(`${BASE}ended:SUCCESS:default`),
        };
      },
      close: async () => redis.disconnect(),
    };
  },
};
