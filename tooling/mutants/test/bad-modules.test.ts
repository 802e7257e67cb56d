import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, onTestFinished } from "vitest";

const HERE = import.meta.dirname;
const CLI = join(HERE, "../../../packages/storage-testkit/src/cli.ts");

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the kit's command on one of the modules here, with two quick rules and a second for each. */
async function kit(module: string, ...args: readonly string[]): Promise<Ran> {
  const path = join(HERE, "../fixtures", module);
  const own = [CLI, path, "--rules", "GET-1,QUE-1", "--limit", "1", ...args];
  const child = spawn(process.execPath, ["--conditions=@omniq/source", ...own], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, out, err };
}

describe("a module that is of no use is told of in one line", () => {
  it("one that is not there", async () => {
    const { code, err } = await kit("not-there.ts");
    assert.equal(code, 2);
    assert.match(err, /^\S+not-there\.ts does not load: Cannot find module .*\n$/);
  });

  it("one that throws", async () => {
    const { code, err } = await kit("throws-at-load.ts");
    assert.equal(code, 2);
    assert.match(err, /^\S+throws-at-load\.ts does not load: no licence found\n$/);
  });

  it("one that exports no harness", async () => {
    const { code, err } = await kit("exports-nothing.ts");
    assert.equal(code, 2);
    assert.match(
      err,
      /^\S+ exports no harness: export \{ name, setUp\(\), connect\(\) \} .*\(it exports storage\)\n$/,
    );
  });
});

describe("an adapter that misbehaves has a line for each rule, and the rest goes on", () => {
  it("one that hangs in open", async () => {
    const { code, out } = await kit("hangs-in-open.ts");
    assert.equal(code, 1);
    assert.equal(out.match(/^ +[^:]+: still not done after 1000 ms/gm)?.length, 2, out);
    assert.match(out, /hanging: 0 passed, 2 failed, 0 skipped, 0 untested\n$/);
  });

  it("one that throws strings", async () => {
    const { code, out } = await kit("throws-strings.ts");
    assert.equal(code, 1);
    assert.equal(out.match(/connect: threw no connection, which is no Error/g)?.length, 2, out);
  });

  it("one that lacks methods", async () => {
    const { code, out } = await kit("misses-methods.ts");
    assert.equal(code, 1);
    assert.match(out, /connect: threw NotImplementedError: .*doOpen.*doEnqueue/);
  });

  it("one that leaves something open: the verdict comes, and the process ends", async () => {
    const { code, out, err } = await kit("leaks-a-handle.ts");
    assert.equal(code, 1);
    assert.match(out, /leaking: 2 passed, 0 failed/);
    assert.match(err, /^The adapter left something open, which keeps the process alive: Timeout/);
  });

  it("each has its reports", async () => {
    const folder = mkdtempSync(join(tmpdir(), "omniq-reports-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await kit("throws-strings.ts", "--out", folder);
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    const report = JSON.parse(read("report.json")) as {
      readonly rules: readonly { readonly status: string }[];
    };
    assert.deepEqual(
      report.rules.map(({ status }) => status),
      ["failed", "failed"],
    );
    assert.match(read("report.md"), /\| GET-1 \| required \| failed \|/);
    assert.match(read("report.junit.xml"), /<failure message="[^"]*threw no connection/);
    assert.match(read("badge.json"), /"message":"not kept"/);
  });
});
