import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { judgePublished } from "../src/published.ts";
import { judgeVersions } from "../src/versions.ts";
import { readWorkspace, type Manifest, type Workspace } from "../src/workspace.ts";

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

const root: Manifest = {
  name: "omniq",
  license: "MIT",
  packageManager: "pnpm@12.21.0",
  engines: { node: ">=22.18" },
};

const core: Manifest = {
  name: "@omniq/core",
  description: "A queue.",
  license: "MIT",
  type: "module",
  files: ["dist"],
  engines: { node: ">=22.18" },
  exports: {
    ".": { "@omniq/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./package.json": "./package.json",
  },
  publishConfig: {
    access: "public",
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
  },
  scripts: { build: "tsc", types: "tsc" },
};

function workspaceWith(changes: Partial<Manifest>, texts: Record<string, string> = {}): Workspace {
  return {
    root,
    members: [
      { folder: ".", manifest: root },
      { folder: "packages/core", manifest: { ...core, ...changes } },
    ],
    texts: { "pnpm-workspace.yaml": "nodeVersion: 24.21.0\ncatalog:\n  node: 24.21.0\n", ...texts },
  };
}

describe("the rules for manifests", () => {
  test("hold in this repository", async () => {
    const workspace = await readWorkspace(repository);
    expect([...judgeVersions(workspace), ...judgePublished(workspace)]).toEqual([]);
    expect(workspace.members.length).toBeGreaterThan(5);
  });

  test("hold for a sound workspace", () => {
    const workspace = workspaceWith({ dependencies: { uuid: "catalog:", "@omniq/a": "workspace:*" } });
    expect([...judgeVersions(workspace), ...judgePublished(workspace)]).toEqual([]);
  });
});

describe("versions", () => {
  test.each(["dependencies", "optionalDependencies", "devDependencies"] as const)(
    "outside of the catalog are found in %s",
    (field) => {
      expect(judgeVersions(workspaceWith({ [field]: { uuid: "^14.0.0" } }))).toMatchObject([
        expect.stringContaining(`packages/core/package.json: ${field}: uuid is "^14.0.0"`),
      ]);
    },
  );

  test("of pnpm must be the same everywhere", () => {
    expect(judgeVersions(workspaceWith({}, { "README.md": "npx -y pnpm@12.20.0 test" }))).toEqual([
      "README.md: says pnpm@12.20.0, but packageManager is pnpm@12.21.0.",
    ]);
  });

  test("of Node must be the same in the catalog and for the engine check", () => {
    const texts = { "pnpm-workspace.yaml": "nodeVersion: 24.20.0\ncatalog:\n  node: 24.21.0\n" };
    expect(judgeVersions(workspaceWith({}, texts))).toHaveLength(1);
  });
});

describe("a published package", () => {
  const withSource = { types: "./dist/index.d.ts", default: "./dist/index.js" };

  test.each<[problem: string, changes: Partial<Manifest>]>([
    ["description is missing", { description: "" }],
    ["license is not", { license: "ISC" }],
    ["type is not", { type: "commonjs" }],
    ["engines.node is not", { engines: { node: ">=20" } }],
    ["publishConfig.access is not", { publishConfig: { ...core.publishConfig, access: "restricted" } }],
    ['files does not begin with "dist"', { files: [] }],
    ['files names "src"', { files: ["dist", "src"] }],
    ["there is no build script", { scripts: { types: "tsc" } }],
    ["there is no types script", { scripts: { build: "tsc" } }],
    ['exports["."] does not begin with "@omniq/source"', { exports: { ".": withSource } }],
    [
      'exports["."] has no types',
      { exports: { ".": { "@omniq/source": "./src/a.ts", default: "./dist/a.js" } } },
    ],
    [
      "publishConfig.exports is not exports without",
      { publishConfig: { access: "public", exports: core.exports ?? {} } },
    ],
    ["publishConfig.exports is not exports without", { publishConfig: { access: "public" } }],
  ])("fails: %s", (problem, changes) => {
    expect(judgePublished(workspaceWith(changes)).join("\n")).toContain(
      `packages/core/package.json: ${problem}`,
    );
  });

  test("is not asked of a private one", () => {
    expect(judgePublished(workspaceWith({ private: true, type: "commonjs" }))).toEqual([]);
  });
});
