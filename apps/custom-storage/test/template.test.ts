import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, it, onTestFinished } from "vitest";

const HERE = import.meta.dirname;
const NEEDS = ["@omniq/core", "@omniq/storage-testkit", "@types/node", "vitest"];

/** The template in a folder of its own, outside the workspace, with the packages that its manifest names. */
function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), "omniq-template-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(HERE, "../template"), folder, { recursive: true });
  for (const name of NEEDS) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(HERE, "../node_modules", name), link);
  }
  return folder;
}

describe("the template, copied out of the workspace", () => {
  it("passes the kit, from the built packages", { timeout: 120_000 }, async () => {
    const cwd = copied();
    const vitest = join(cwd, "node_modules/vitest/vitest.mjs");
    const env = { ...process.env, NODE_OPTIONS: "", VITEST: "", NO_COLOR: "1" };
    const { stdout } = await promisify(execFile)(process.execPath, [vitest, "run"], { cwd, env });
    assert.match(stdout, /Tests {2}\d{3} passed \(\d{3}\)/);
  });
});
