import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startPostgres, startRedis } from "@omniq/services";
import { temporaryFolder } from "@omniq/test-support/temporary-folder";
import { describe, expect, it, onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../../../apps/quickstart/src/main.ts", import.meta.url));

/** A run of the quickstart that a test watches. */
class Quickstart {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  output = "";

  constructor(args: readonly string[]) {
    this.process = spawn(process.execPath, ["--conditions=@omniq/source", MAIN, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout?.on("data", (text: Buffer) => (this.output += text.toString()));
    this.process.stderr?.on("data", (text: Buffer) => (this.output += text.toString()));
    this.exited = new Promise((resolve) => this.process.once("close", resolve));
    onTestFinished(() => void this.process.kill("SIGKILL"));
  }

  /** Waits for its end, which has to be this one. Where it is another, what it printed says why. */
  async ended(code: number): Promise<void> {
    const ended = await this.exited;
    if (ended !== code) throw new Error(`It ended with ${ended}, not ${code}:\n${this.output}`);
  }

  /** Waits until it has printed something that matches, or ended. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      const more = new Promise<boolean>((resolve) => this.process.stdout?.once("data", () => resolve(true)));
      const goesOn = await Promise.race([more, this.exited.then(() => false)]);
      if (!goesOn && !pattern.test(this.output))
        throw new Error(`It ended without ${pattern}:\n${this.output}`);
    }
  }
}

function database(): string {
  return join(temporaryFolder(), "omniq.db");
}

describe("the quickstart", () => {
  it("does what its input demands, though a worker is killed in the middle", async () => {
    const path = database();
    const run = new Quickstart(["--db", path]);
    const [, pid] = await run.printed(/worker (\d+) started/);
    await run.printed(/[1-9]\d* succeeded, .* [1-9]\d* running/);
    process.kill(Number(pid), "SIGKILL");
    await run.ended(0);
    expect(run.output).toContain(`worker ${pid} died (SIGKILL)`);
    expect(run.output).toMatch(/runs that ended twice\s+0\s+0\s+ok/);
    expect(run.output).not.toContain("WRONG");
    expect(run.output).toContain(`Store: sqlite:${path}`);
  });

  it.each([
    ["Postgres", startPostgres],
    ["Redis", startRedis],
    ["files", async () => ({ url: `file:${database()}`, stop: async () => {} })],
  ])("does the same on %s, by another URL", async (_name, start) => {
    const server = await start();
    onTestFinished(() => server.stop());
    const run = new Quickstart(["--url", server.url]);
    await run.ended(0);
    expect(run.output).toMatch(/runs that ended twice\s+0\s+0\s+ok/);
    expect(run.output).not.toContain("WRONG");
  });

  it("goes on where a run that was killed has left off", async () => {
    const path = database();
    const first = new Quickstart(["--db", path]);
    const workers = [
      await first.printed(/worker (\d+) started/),
      await first.printed(/worker \d+ started\nworker (\d+) started/),
    ];
    await first.printed(/[1-9]\d* succeeded, .* [1-9]\d* running/);
    for (const pid of [first.process.pid, ...workers.map(([, worker]) => Number(worker))])
      process.kill(pid as number, "SIGKILL");
    await first.exited;
    const second = new Quickstart(["--db", path]);
    await second.ended(0);
    expect(second.output).not.toContain("WRONG");
  });

  it("refuses an option that it does not know", async () => {
    const run = new Quickstart(["--database", "x"]);
    await run.ended(2);
    expect(run.output).toContain("Usage: quickstart");
  });

  it("says what is wrong with a database that is none", async () => {
    const run = new Quickstart(["--db", MAIN]);
    await run.ended(1);
    expect(run.output).toContain("not_a_database");
    expect(run.output).toContain(MAIN);
  });
});
