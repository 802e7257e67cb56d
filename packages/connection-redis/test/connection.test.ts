import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Connection, type ConnectionOptions, scriptFinder } from "@omniq/connection-redis";
import { type RedisServer, startRedis } from "@omniq/services";
import { examples } from "@omniq/test-support/examples";
import { runProgram } from "@omniq/test-support/programs";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";

let server: RedisServer;
let lua = "";
const connections: Connection[] = [];

beforeAll(async () => {
  server = await startRedis();
  lua = mkdtempSync(join(tmpdir(), "omniq-lua-"));
  writeFileSync(join(lua, "prelude.lua"), "local BASE = KEYS[1]");
  writeFileSync(join(lua, "twice.lua"), "local function twice(text) return text .. text end");
  writeFileSync(join(lua, "say.lua"), "-- Parts: twice.\nreturn BASE .. GREETING .. twice(ARGV[1])");
});
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});
afterAll(async () => {
  rmSync(lua, { recursive: true });
  await server.stop();
});

function connectionTo(options: Partial<ConnectionOptions> = {}): Connection {
  const complete = {
    client: null,
    url: server.url,
    cluster: false,
    timeoutMs: 10_000,
    prefix: "p",
    ...options,
  };
  const connection = new Connection(
    complete,
    scriptFinder(pathToFileURL(`${lua}/`), 'local GREETING = "hello "'),
  );
  connections.push(connection);
  return connection;
}

describe("a script", () => {
  it("has its parts, and what all keys begin with; a server that has forgotten it is told again", async () => {
    const connection = connectionTo();
    const said = "{p}:hello yesyes";
    assert.equal(await connection.run("say", ["yes"]), said);
    await connection.command("SCRIPT", "FLUSH");
    assert.equal(await connection.run("say", ["yes"]), said);
  });
});

describe("a call", () => {
  it("that takes too long is given up, and may have been carried out", async () => {
    const connection = connectionTo({ timeoutMs: 2000 });
    await connection.command("PING");
    await assert.rejects(connection.command("BLPOP", connection.key("nothing"), 0), {
      code: "timeout",
      retryable: true,
      outcome: "unknown",
    });
  });

  it("to where nothing listens was surely not made, and says so without the password", async () => {
    const connection = connectionTo({ url: "redis://somebody:canary@127.0.0.1:1" });
    for (const again of [false, true]) {
      await assert.rejects(
        connection.command("PING"),
        (error: Error & { code?: string; outcome?: string }) => {
          assert.deepEqual([error.code, error.outcome], ["unreachable", "not-applied"], `again: ${again}`);
          return !`${error.message}${error.stack}`.includes("canary");
        },
      );
    }
  });

  it("that is refused keeps its arguments out of the error", async () => {
    const connection = connectionTo();
    await connection.command("SET", connection.key("text"), "canary");
    await assert.rejects(connection.command("LPUSH", connection.key("text"), "canary"), (error: Error) => {
      assert.equal((error as { code?: string }).code, "foreign_key");
      return !JSON.stringify([error, error.cause, error.stack]).includes("canary");
    });
  });
});

describe("a client that was handed in", () => {
  it("stays open, and without listeners of ours", async () => {
    const client = new Redis(server.url);
    const before = client.listenerCount("error");
    const connection = connectionTo({ client });
    assert.equal(await connection.command("PING"), "PONG");
    connection.close();
    connections.length = 0;
    assert.equal(client.listenerCount("error"), before);
    assert.equal(await client.ping(), "PONG");
    client.disconnect();
  });
});

describe("the README", () => {
  it("shows a program with its output", async () => {
    const [example, ...others] = examples(readFileSync(new URL("../README.md", import.meta.url), "utf8"));
    assert.ok(example?.output && others.length === 0);
    const ended = await runProgram(example.program.replace("redis://localhost:6379", server.url));
    assert.deepEqual(ended, { code: 0, stdout: example.output, stderr: "" });
  });
});
