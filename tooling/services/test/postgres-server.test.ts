import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { startPgBouncer, startPostgres } from "@omniq/services";
import { afterEach, describe, it } from "vitest";

let opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.toReversed()) await one.stop();
  opened = [];
});

async function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function folders(prefix: string): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(prefix) && !name.endsWith("-binaries"));
}

describe("a throwaway server of Postgres", () => {
  it.each([15, 18] as const)("of version %d runs, dies, comes back, and leaves nothing", async (version) => {
    const before = folders("omniq-postgres-");
    const server = await startPostgres({ version, fsync: false });
    opened.push(server);
    assert.equal(await accepts(server.url), true);
    await server.kill();
    assert.equal(await accepts(server.url), false);
    await server.start();
    assert.equal(await accepts(server.url), true);
    await server.stop();
    await server.stop();
    assert.equal(await accepts(server.url), false);
    assert.deepEqual(
      folders("omniq-postgres-").filter((name) => !before.includes(name)),
      [],
    );
  });

  it("goes with the process that started it, even if that is killed", async () => {
    const source = new URL("../src/index.ts", import.meta.url).href;
    const text = `
      const { startPostgres } = await import(${JSON.stringify(source)});
      const { url } = await startPostgres({ fsync: false });
      process.stdout.write(url);
      setInterval(() => {}, 1000);`;
    const child: ChildProcess = spawn(process.execPath, ["--input-type=module", "-e", text], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [url] = (await once(child.stdout as NonNullable<ChildProcess["stdout"]>, "data")) as [Buffer];
    assert.equal(await accepts(url.toString()), true);
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    while (await accepts(url.toString())) await sleep(20);
  });
});

describe("PgBouncer before it", () => {
  it("passes connections on, and leaves nothing", async () => {
    const server = await startPostgres({ fsync: false });
    opened.push(server);
    const before = folders("omniq-pgbouncer-");
    const pooler = await startPgBouncer(server);
    opened.push(pooler);
    assert.equal(await accepts(pooler.url), true);
    await pooler.stop();
    await pooler.stop();
    assert.equal(await accepts(pooler.url), false);
    assert.deepEqual(
      folders("omniq-pgbouncer-").filter((name) => !before.includes(name)),
      [],
    );
  });
});
