import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { judgeCoverage } from "../src/coverage.ts";
import { judgeArchitecture } from "../src/gate.ts";
import { rules } from "../src/rules.ts";
import { Workspace } from "./workspace.ts";

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

interface Violation {
  readonly rule: string;
  /** The files to write, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** The dependency to declare, so that the import resolves. */
  readonly needs?: readonly [folder: string, name: string];
}

const violations: readonly Violation[] = [
  {
    rule: "core-stands-alone",
    files: { "packages/core/src/facade/open.ts": 'export * from "@omniq/storage-sqlite";' },
    needs: ["packages/core", "storage-sqlite"],
  },
  {
    rule: "core-stands-alone",
    files: {
      "packages/core/src/facade/open.ts": 'export const opened = await import("@omniq/storage-memory");',
    },
    needs: ["packages/core", "storage-memory"],
  },
  {
    rule: "adapters-never-meet",
    files: { "packages/storage-sqlite/src/index.ts": 'export type * from "@omniq/storage-memory";' },
    needs: ["packages/storage-sqlite", "storage-memory"],
  },
  {
    rule: "adapters-never-meet",
    files: { "packages/storage-sqlite/test/a.test.ts": 'import "@omniq/storage-memory";' },
    needs: ["packages/storage-sqlite", "storage-memory"],
  },
  {
    rule: "file-imports-core-journal-and-memory",
    files: { "packages/storage-file/src/index.ts": 'export type * from "@omniq/storage-sqlite";' },
    needs: ["packages/storage-file", "storage-sqlite"],
  },
  {
    rule: "foundations-import-core-alone",
    files: { "packages/journal/src/index.ts": 'export type * from "@omniq/storage-memory";' },
    needs: ["packages/journal", "storage-memory"],
  },
  {
    rule: "foundations-import-core-alone",
    files: { "packages/connection-redis/src/index.ts": 'export type * from "@omniq/storage-sql";' },
    needs: ["packages/connection-redis", "storage-sql"],
  },
  {
    rule: "redis-imports-core-and-its-connection",
    files: { "packages/storage-redis/src/index.ts": 'export type * from "@omniq/storage-sql";' },
    needs: ["packages/storage-redis", "storage-sql"],
  },
  {
    rule: "logging-and-sync-import-core-alone",
    files: { "packages/sync/src/index.ts": 'export type * from "@omniq/storage-memory";' },
    needs: ["packages/sync", "storage-memory"],
  },
  {
    rule: "adapters-import-core-alone",
    files: { "packages/storage-memory/src/index.ts": 'export type * from "@omniq/storage-sql";' },
    needs: ["packages/storage-memory", "storage-sql"],
  },
  {
    rule: "adapters-import-core-alone",
    files: { "packages/storage-memory/src/index.ts": 'export type * from "@omniq/storage-testkit";' },
  },
  {
    rule: "sql-adapters-import-core-sql-and-their-connection",
    files: { "packages/storage-sqlite/src/index.ts": 'export type * from "@omniq/cli";' },
    needs: ["packages/storage-sqlite", "cli"],
  },
  {
    rule: "sql-imports-core-alone",
    files: { "packages/storage-sql/src/index.ts": 'export type * from "@omniq/storage-testkit";' },
    needs: ["packages/storage-sql", "storage-testkit"],
  },
  {
    rule: "testkit-imports-core-alone",
    files: { "packages/storage-testkit/src/index.ts": 'export type * from "@omniq/cli";' },
    needs: ["packages/storage-testkit", "cli"],
  },
  {
    rule: "apps-are-never-imported",
    files: { "packages/cli/src/index.ts": 'export * from "@omniq/demo";' },
    needs: ["packages/cli", "demo"],
  },
  {
    rule: "apps-never-meet",
    files: {
      "apps/other/src/index.ts": 'export * from "../../demo/src/index.ts";',
      "apps/other/package.json": '{ "name": "@omniq/other-app" }',
    },
  },
  {
    rule: "sources-never-import-tooling",
    files: { "packages/cli/src/index.ts": 'export * from "@omniq/presets";' },
    needs: ["packages/cli", "presets"],
  },
  {
    rule: "only-through-exports",
    files: { "packages/storage-memory/src/index.ts": 'export type * from "../../core/src/model/task.ts";' },
  },
  {
    rule: "imports-resolve",
    files: { "packages/storage-memory/src/index.ts": 'export type * from "@omniq/core/src/model/task.ts";' },
  },
  {
    rule: "imports-resolve",
    files: { "packages/storage-memory/src/index.ts": 'export type * from "@omniq/cli";' },
  },
  {
    rule: "no-cycles",
    files: {
      "packages/cli/src/a.ts": 'import type { B } from "./b.ts";\nexport interface A { b: B }',
      "packages/cli/src/b.ts": 'import type { A } from "./a.ts";\nexport interface B { a: A }',
    },
  },
  {
    rule: "core-layer-ports",
    files: { "packages/core/src/ports/clock.ts": 'export type { Base } from "../errors/base.ts";' },
  },
  {
    rule: "core-layer-errors",
    files: { "packages/core/src/errors/base.ts": 'export type { Task } from "../model/task.ts";' },
  },
  {
    rule: "core-layer-model",
    files: { "packages/core/src/model/retry.ts": 'export type { Store } from "../storage/store.ts";' },
  },
  {
    rule: "core-layer-storage",
    files: { "packages/core/src/storage/base.ts": 'export type { Queue } from "../queue/queue.ts";' },
  },
  {
    rule: "core-layer-queue",
    files: { "packages/core/src/queue/wait.ts": 'export type { Pool } from "../worker/pool.ts";' },
  },
  {
    rule: "core-layer-worker",
    files: { "packages/core/src/worker/run.ts": 'export type { Opened } from "../facade/open.ts";' },
  },
  {
    rule: "core-layer-copy",
    files: { "packages/core/src/copy/run.ts": 'export type { Pool } from "../worker/pool.ts";' },
  },
  {
    rule: "core-layer-testing",
    files: { "packages/core/src/testing/all.ts": 'export type { Opened } from "../facade/open.ts";' },
  },
  {
    rule: "core-layer-facade",
    files: { "packages/core/src/facade/all.ts": 'export * from "../index.ts";' },
  },
  {
    rule: "core-layer-unknown",
    files: {
      "packages/core/src/utils/sleep.ts": "export const sleep = 1;",
      "packages/core/src/index.ts": 'export * from "./utils/sleep.ts";',
    },
  },
  {
    rule: "storage-entry-is-small",
    files: {
      "packages/core/src/storage.ts": 'export * from "./shared.ts";',
      "packages/core/src/shared.ts": 'export type * from "./queue/queue.ts";',
    },
  },
];

async function brokenRules(workspace: Workspace): Promise<string[]> {
  const { findings } = await judgeArchitecture(workspace.root);
  return [...new Set(findings.map((finding) => finding.rule))];
}

describe("the architecture gate", () => {
  test("passes this repository", async () => {
    const { findings, modules } = await judgeArchitecture(repository);
    expect(findings).toEqual([]);
    expect(modules).toBeGreaterThan(10);
  });

  test("passes a workspace that keeps the rules", async () => {
    await using workspace = await Workspace.create();
    expect(await brokenRules(workspace)).toEqual([]);
  });

  test.each(violations)("fails for $rule: $files", async ({ rule, files, needs }) => {
    await using workspace = await Workspace.create();
    if (needs !== undefined) await workspace.depend(needs[0], "dependencies", needs[1]);
    for (const [file, text] of Object.entries(files)) await workspace.plant(file, text);
    expect(await brokenRules(workspace)).toContain(rule);
  });

  test("has a planted violation for each of its rules", () => {
    const planted = new Set(violations.map((violation) => violation.rule));
    expect(rules.map((rule) => rule.name).filter((name) => !planted.has(name))).toEqual([]);
  });
});

describe("the arrows in the manifests", () => {
  test.each([
    ["packages/core", "devDependencies", "storage-memory"],
    ["packages/storage-memory", "devDependencies", "storage-sqlite"],
    ["packages/storage-memory", "dependencies", "storage-testkit"],
    ["packages/storage-memory", "dependencies", "presets"],
    ["packages/storage-sql", "devDependencies", "storage-testkit"],
    ["packages/sync", "dependencies", "storage-memory"],
    ["packages/sync", "devDependencies", "storage-sql"],
    ["packages/cli", "dependencies", "demo"],
    ["tooling/presets", "devDependencies", "demo"],
  ] as const)("fail for %s with %s on %s", async (folder, field, name) => {
    await using workspace = await Workspace.create();
    await workspace.depend(folder, field, name);
    expect(await brokenRules(workspace)).toContain("manifest-arrows");
  });

  test("fail for a cycle through devDependencies", async () => {
    await using workspace = await Workspace.create();
    await workspace.depend("tooling/presets", "devDependencies", "core");
    expect(await brokenRules(workspace)).toEqual(["manifest-cycle"]);
  });

  test("let an adapter test with the kit and with tooling", async () => {
    await using workspace = await Workspace.create();
    await workspace.depend("packages/storage-sqlite", "devDependencies", "storage-testkit");
    await workspace.depend("packages/storage-sqlite", "devDependencies", "presets");
    expect(await brokenRules(workspace)).toEqual([]);
  });
});

describe("a gate that sees nothing", () => {
  const member = {
    name: "@omniq/core",
    kind: "packages",
    folder: "core",
    runtime: [],
    development: [],
  } as const;

  test("fails when no module was read", async () => {
    const findings = await judgeCoverage(repository, [member], []);
    expect(findings.map((finding) => finding.where)).toContain("no module at all");
  });

  test("fails when one file of a package was not read", async () => {
    await using workspace = await Workspace.create();
    const findings = await judgeCoverage(
      workspace.root,
      [{ ...member, folder: "cli" }],
      ["packages/core/src/index.ts"],
    );
    expect(findings).toMatchObject([{ rule: "modules-seen", where: "packages/cli/src/index.ts" }]);
  });

  test("fails for a package without source", async () => {
    await using workspace = await Workspace.create();
    await workspace.plant("packages/empty/package.json", '{ "name": "@omniq/empty" }');
    expect(await brokenRules(workspace)).toEqual(["modules-seen"]);
  });
});
