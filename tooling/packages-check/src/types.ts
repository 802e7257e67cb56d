import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Packed } from "./pack.ts";
import { run } from "./run.ts";

const attw = fileURLToPath(import.meta.resolve("@arethetypeswrong/cli/package.json"));
const program = path.join(path.dirname(attw), "dist/index.js");
const options = ["--profile", "esm-only", "--no-emoji", "--no-color", "--format", "ascii"];

/** Whether TypeScript finds the types of every entry, for each way of resolving that an ESM-only package has. */
export async function judgeTypes({ tarball, folder }: Packed): Promise<string[]> {
  const { passed, output } = await run("node", [program, tarball, ...options], folder);
  return passed ? [] : [`are the types wrong:\n${output.trim()}`];
}
