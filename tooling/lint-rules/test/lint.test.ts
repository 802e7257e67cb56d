import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const oxlint = path.join(repository, "node_modules/.bin/oxlint");
const inPackage = "packages/any/src/planted.ts";
const inPort = "packages/core/src/ports/planted.ts";
const inTest = "packages/any/test/planted.test.ts";

let root: string;

/** Lints one file as if it stood there in this repository, and returns the rules it breaks. */
async function lint(file: string, text: string): Promise<string[]> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
  const output = await new Promise<string>((resolve) => {
    const args = ["--format", "json", file];
    execFile(oxlint, args, { cwd: root }, (_error, stdout) => {
      resolve(stdout);
    });
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string }[] };
  return diagnostics.map((diagnostic) => diagnostic.code);
}

describe("the lint rules of this repository", () => {
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), "omniq-lint-"));
    await mkdir(path.join(root, "tooling/lint-rules/src"), { recursive: true });
    for (const file of [".oxlintrc.json", "tooling/lint-rules/src/index.js"]) {
      await copyFile(path.join(repository, file), path.join(root, file));
    }
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  const outsideOfPorts = [
    ["eslint(no-restricted-properties)", "export const now = Date.now();"],
    ["eslint(no-restricted-properties)", "export const chance = Math.random();"],
    ["eslint(no-restricted-globals)", "export const now = performance.now();"],
    ["eslint(no-restricted-globals)", "export const timer = setTimeout(String, 1);"],
    ["eslint(no-restricted-globals)", "export const timer = setInterval(String, 1);"],
    ["eslint(no-restricted-properties)", "export const timer = globalThis.setTimeout(String, 1);"],
    ["eslint(no-restricted-imports)", 'export { setTimeout as sleep } from "node:timers/promises";'],
    [
      "eslint(no-restricted-imports)",
      'import { randomUUID } from "node:crypto";\nexport const id = randomUUID();',
    ],
    ["house(no-wall-clock)", "export const now = new Date();"],
    ["eslint(no-console)", 'console.log("x");'],
  ] as const;

  test.each(outsideOfPorts)("%s fails in a package: %s", async (rule, text) => {
    expect(await lint(inPackage, text)).toEqual([rule]);
  });

  test.each(outsideOfPorts)("%s is allowed in a port: %s", async (_rule, text) => {
    expect(await lint(inPort, text)).toEqual([]);
  });

  test("a date that is made from a value is allowed", async () => {
    expect(await lint(inPackage, "export const epoch = new Date(0);")).toEqual([]);
  });

  test.each([
    ["typescript(no-explicit-any)", "export const value: any = 1;"],
    ["typescript(no-floating-promises)", "export async function run(): Promise<void> {}\nrun();"],
    [
      "typescript(no-misused-promises)",
      "export function each(run: () => Promise<void>): void {\n  [1].forEach(async () => run());\n}",
    ],
    [
      "typescript(await-thenable)",
      "export async function wait(value: { a: number }): Promise<void> {\n  await value;\n}",
    ],
    ["typescript(consistent-type-imports)", 'import { Stats } from "node:fs";\nexport type Answer = Stats;'],
    ["import(no-default-export)", "export default 1;"],
    ["unicorn(prefer-node-protocol)", 'export { join } from "path";'],
    [
      "eslint(max-lines)",
      Array.from({ length: 301 }, (_, line) => `export const line${line} = 1;\n`).join(""),
    ],
  ])("%s fails everywhere", async (rule, text) => {
    expect(await lint(inTest, text)).toContain(rule);
  });
});
