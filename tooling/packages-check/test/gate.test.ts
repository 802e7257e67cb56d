import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { judgePackages } from "../src/gate.ts";

type Files = Readonly<Record<string, string | null>>;

const manifest = {
  name: "@omniq/sound",
  version: "1.0.0",
  description: "Sound.",
  license: "MIT",
  type: "module",
  sideEffects: false,
  files: ["dist"],
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
};

const sound: Files = {
  "package.json": JSON.stringify(manifest),
  LICENSE: "MIT",
  "README.md": "# Sound",
  "dist/index.js": "export const one = 1;\n",
  "dist/index.d.ts": "export declare const one: number;\n",
};

function manifestWith(changes: object): Files {
  return { "package.json": JSON.stringify({ ...manifest, ...changes }) };
}

describe("the gate on packed packages", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "omniq-packed-"));
    await writeFile(path.join(root, "package.json"), '{ "private": true }');
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  async function problemsWith(changes: Files): Promise<string> {
    for (const [name, text] of Object.entries({ ...sound, ...changes })) {
      if (text === null) continue;
      const file = path.join(root, "packages/sound", name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    const { packed, problems } = await judgePackages(root);
    expect(packed).toEqual(["@omniq/sound"]);
    return problems.join("\n");
  }

  test("passes a sound package", async () => {
    expect(await problemsWith({})).toBe("");
  });

  test.each<[problem: string, changes: Files]>([
    ["LICENSE is missing", { LICENSE: null }],
    ["README.md is missing", { "README.md": null }],
    ["dist is missing", { "dist/index.js": null, "dist/index.d.ts": null }],
    ["dist/a.test.js is a test", { "dist/a.test.js": "" }],
    [
      "src/index.ts is a TypeScript source",
      { "src/index.ts": "", ...manifestWith({ files: ["dist", "src"] }) },
    ],
    ["dist/index.d.ts.map leads to sources", { "dist/index.d.ts.map": "{}" }],
    [
      "tsconfig.json belongs to a tool",
      { "tsconfig.json": "{}", ...manifestWith({ files: ["dist", "*.json"] }) },
    ],
    [
      'package.json still says "@omniq/source"',
      manifestWith({ exports: { ".": { "@omniq/source": "./src/index.ts", ...manifest.exports["."] } } }),
    ],
    [
      "publint:",
      manifestWith({ exports: { ".": { default: "./dist/index.js", types: "./dist/index.d.ts" } } }),
    ],
    ["publint:", manifestWith({ exports: { ...manifest.exports, "./gone": "./dist/gone.js" } })],
    ["are the types wrong", { "dist/index.d.ts": 'export * from "./gone";\n' }],
    ["import @omniq/sound", { "dist/index.js": 'export * from "./gone.js";\n' }],
    ["import @omniq/sound", { "dist/index.js": 'export * from "not-declared";\n' }],
  ])("fails: %s", async (problem, changes) => {
    expect(await problemsWith(changes)).toContain(`@omniq/sound: ${problem}`);
  });
});
