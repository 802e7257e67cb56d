import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import type { RedisServer } from "@omniq/services";
import { claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { keysOf } from "./support/server.ts";
import { refused, useServers } from "./support/servers-of-ones-own.ts";

const LUA = new URL("../lua/", import.meta.url);
const place = usePlace();
const { start, clientTo } = useServers();

/** The names of commands that these scripts call, or gather to call them later. */
function commandsOf(...files: readonly string[]): Set<string> {
  const texts = files.map((file) => readFileSync(new URL(file, LUA), "utf8"));
  const calls = texts.join("\n").matchAll(/\b(?:call|put|later)\("([A-Z]+)"/g);
  return new Set(Array.from(calls, ([, name = ""]) => name));
}

/** Where a user finds the server who may do all but this. */
async function urlWithout(server: RedisServer, ...denied: readonly string[]): Promise<string> {
  const rules = denied.map((name) => `-${name.toLowerCase()}`);
  await clientTo(server).acl("SETUSER", "weak", "reset", "on", ">s3cret", "~*", "&*", "+@all", ...rules);
  return `redis://weak:s3cret@127.0.0.1:${server.port}`;
}

describe("at open, the rights of the user", () => {
  it("are tried for each command of the scripts", () => {
    const tried = readFileSync(new URL("open.lua", LUA), "utf8").matchAll(/(?:\{ |isDenied\()"([A-Z]+)"/g);
    const used = commandsOf(...readdirSync(LUA));
    // What every script begins with, before anything is written.
    used.delete("TIME");
    assert.deepEqual(
      [...new Set(Array.from(tried, ([, name = ""]) => name))].toSorted(),
      [...used].toSorted(),
    );
  });

  it("are told of by the command that lacks one, and nothing is changed", { timeout: 60_000 }, async () => {
    const server = await start();
    const commands = commandsOf(...readdirSync(LUA));
    for (const command of commands) {
      const store = await place.store({ url: await urlWithout(server, command) });
      if (command === "TIME") {
        await refused(store.open(), "missing_rights", false, "unknown");
        continue;
      }
      await refused(store.open(), "missing_rights", false);
      await assert.rejects(store.open(), (error: Error) => error.message.includes(`(${command})`));
    }
    assert.deepEqual(await keysOf(clientTo(server), place.prefix), []);
  });

  it("are told of all together", async () => {
    const server = await start();
    const store = await place.store({ url: await urlWithout(server, "ZADD", "RPUSH", "XADD") });
    await assert.rejects(store.open(), /\(ZADD, RPUSH, XADD\)/);
  });

  it("are enough as the README names them, and without telling others", async () => {
    const server = await start();
    const url = await urlWithout(server, "@dangerous", "PUBLISH");
    const keys = `{${place.prefix}}:*`;
    const rules = ["resetkeys", "resetchannels", `~${keys}`, `&${keys}`, "+info"];
    await clientTo(server).acl("SETUSER", "weak", ...rules);
    const store = await place.store({ url });
    await enqueueOne(store);
    assert.equal((await complete(store, await claimOne(store))).status, "settled");
  });

  it("are asked for where no memory is left, too", async () => {
    const server = await start();
    await enqueueOne(await place.store({ url: server.url }));
    await clientTo(server).config("SET", "maxmemory", "1");
    const store = await place.store({ url: server.url });
    assert.equal((await store.countTasks())[0]?.count, 1);
    const weak = await place.store({ url: await urlWithout(server, "ZADD") });
    await refused(weak.open(), "missing_rights", false);
  });

  it("that are taken away later are told of by the call that lacks them", async () => {
    const server = await start();
    const store = await place.store({ url: await urlWithout(server) });
    await enqueueOne(store);
    await urlWithout(server, "ZADD");
    await refused(enqueueOne(store), "missing_rights", false, "unknown");
    await urlWithout(server, "EVALSHA");
    await refused(enqueueOne(store), "missing_rights", false);
  });

  it("do not count for a key that somebody else made where they are tried", async () => {
    const server = await start();
    await clientTo(server).set(`{${place.prefix}}:rights`, "mine");
    await refused((await place.store({ url: server.url })).open(), "foreign_key", false);
    assert.equal(await clientTo(server).get(`{${place.prefix}}:rights`), "mine");
  });
});
