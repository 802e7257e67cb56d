import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { explain, findProblems } from "../src/preflight.mjs";

describe("preflight", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "omniq-preflight-"));
    const manifest = {
      packageManager: "pnpm@12.21.0",
      engines: { node: ">=22.18" },
      devDependencies: { turbo: "catalog:", vitest: "catalog:" },
    };
    await writeFile(path.join(root, "package.json"), JSON.stringify(manifest));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  async function install(...names: string[]): Promise<void> {
    for (const name of names) {
      await mkdir(path.join(root, "node_modules", name), { recursive: true });
      await writeFile(path.join(root, "node_modules", name, "package.json"), "{}");
    }
  }

  test.each(["22.18.0", "22.19.3", "24.0.0", "24.21.0"])(
    "finds nothing wrong on Node %s",
    async (version) => {
      await install("turbo", "vitest");
      expect(findProblems(root, version)).toEqual([]);
    },
  );

  test.each(["20.20.2", "22.17.9", "18.0.0"])("refuses Node %s", async (version) => {
    await install("turbo", "vitest");
    expect(findProblems(root, version)).toEqual([
      `This runs on Node ${version}; Node 22.18 or newer is needed.`,
    ]);
  });

  test("names what is not installed", async () => {
    await install("turbo");
    expect(findProblems(root, "24.21.0")).toEqual(["Not installed: vitest."]);
  });

  test("notices an install that is older than the lockfile", async () => {
    await install("turbo", "vitest");
    await writeFile(path.join(root, "pnpm-lock.yaml"), "new");
    await mkdir(path.join(root, "node_modules/.pnpm"));
    await writeFile(path.join(root, "node_modules/.pnpm/lock.yaml"), "old");
    expect(findProblems(root, "24.21.0")).toEqual(["What is installed is not what pnpm-lock.yaml says."]);
  });

  test("says what to do", () => {
    expect(explain(root, ["Not installed: vitest."])).toContain("npx -y pnpm@12.21.0 install");
  });
});
