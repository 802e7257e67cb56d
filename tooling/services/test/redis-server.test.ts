import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { MissingCommandError, ensureDebianPackage, startRedis, startRedisCluster } from "@omniq/services";
import { afterEach, describe, it, vi } from "vitest";
import { talkToRedis } from "../src/redis-talk.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(options: Parameters<typeof startRedis>[0] = {}): ReturnType<typeof startRedis> {
  const server = await startRedis(options);
  stops.push(() => server.stop());
  return server;
}

describe("a throwaway server of Redis", () => {
  it("keeps its data and its port through a kill", async () => {
    const server = await start({ appendfsync: "always" });
    assert.equal(await talkToRedis(server, "SET key kept"), "+OK");
    await server.kill();
    await assert.rejects(talkToRedis(server, "PING"));
    await server.start();
    assert.equal(await talkToRedis(server, "GET key"), "kept");
  });

  it("leaves no folder behind", async () => {
    const server = await start();
    const { folder } = server;
    assert.ok(existsSync(folder));
    await server.stop();
    await server.stop();
    assert.ok(!existsSync(folder));
    await assert.rejects(talkToRedis(server, "PING"));
  });

  it("has the settings that it was asked for", async () => {
    const server = await start({ appendfsync: "always", maxmemoryPolicy: "allkeys-lru", password: "secret" });
    assert.equal(server.url, `redis://:secret@127.0.0.1:${server.port}`);
    assert.match(await talkToRedis(server, "PING"), /^-NOAUTH/);
    const info = await talkToRedis({ ...server, password: "secret" }, "INFO");
    assert.match(info, /aof_enabled:1/);
    assert.match(info, /maxmemory_policy:allkeys-lru/);
  });

  it("ends with the process that started it, even one that is killed", async () => {
    const source = new URL("../src/index.ts", import.meta.url).href;
    const program = `
      const { startRedis } = await import(${JSON.stringify(source)});
      const { port, folder } = await startRedis();
      console.log(JSON.stringify({ port, folder }));
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { port, folder } = JSON.parse(line.toString()) as { port: number; folder: string };
    const server = { host: "127.0.0.1", port };
    assert.equal(await talkToRedis(server, "PING"), "+PONG");
    child.kill("SIGKILL");
    await vi.waitFor(() => assert.ok(!existsSync(folder)), { timeout: 20_000 });
    await assert.rejects(talkToRedis(server, "PING"));
  });

  it("says why it does not start", async () => {
    await assert.rejects(
      startRedis({ args: ["--no-such-setting", "1"] }),
      /redis-server ended at once.*no-such-setting/s,
    );
  });
});

describe("a throwaway cluster", () => {
  it("has three masters that agree", async () => {
    const cluster = await startRedisCluster();
    stops.push(() => cluster.stop());
    assert.equal(cluster.nodes.length, 3);
    const [first] = cluster.nodes;
    assert.ok(first);
    assert.match(await talkToRedis(first, "CLUSTER INFO"), /cluster_slots_assigned:16384/);
    assert.match(await talkToRedis(first, "GET foo"), /^-MOVED|^$|^\$/);
  });
});

describe("a command that is needed", () => {
  it("is found where it is", async () => {
    assert.match(await ensureDebianPackage("sh", "dash"), /\/sh$/);
  });

  it("is asked for where it cannot be installed", async () => {
    vi.stubEnv("PATH", "/nowhere");
    await assert.rejects(ensureDebianPackage("no-such-command", "no-such-package"), (error: Error) => {
      assert.ok(error instanceof MissingCommandError);
      assert.match(
        error.message,
        /no-such-command is not on the PATH. Install it: apt-get install no-such-package/,
      );
      return true;
    });
  });
});
