// Builds every package, then removes what earlier builds left behind: neither tsc nor a cache that is put back deletes
// anything, so a source that was renamed would be published for ever.

import { existsSync, readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";

import { root } from "./run.ts";
import { turbo } from "./turbo.ts";

const emitted = /\.(?:js|js\.map|d\.ts|d\.ts\.map)$/;

/** Removes the files in `dist` that no source stands for any more, and that none of the others imports. Says which. */
export async function prune(packageFolder: string): Promise<string[]> {
  const dist = path.join(packageFolder, "dist");
  if (!existsSync(dist)) return [];
  const files = (await readdir(dist, { recursive: true })).filter((file) => emitted.test(file));
  const hasSource = (file: string): boolean =>
    existsSync(path.join(packageFolder, "src", file.replace(emitted, ".ts")));
  const kept = new Set(files.filter(hasSource));
  // A set that grows while it is gone through: a chunk may import another.
  for (const file of kept) {
    if (!file.endsWith(".js")) continue;
    const text = readFileSync(path.join(dist, file), "utf8");
    for (const [, chunk = ""] of text.matchAll(/"\.\/(chunk-[^"]+)"/g)) kept.add(chunk).add(`${chunk}.map`);
  }
  const stale = files.filter((file) => !kept.has(file));
  await Promise.all(stale.map((file) => rm(path.join(dist, file))));
  return stale;
}

async function packageFolders(): Promise<string[]> {
  const parents = ["packages", "apps"]
    .map((name) => path.join(root, name))
    .filter((parent) => existsSync(parent));
  const children = await Promise.all(
    parents.map(async (parent) => (await readdir(parent)).map((name) => path.join(parent, name))),
  );
  return children.flat();
}

if (import.meta.main) {
  const started = performance.now();
  const { exitCode, output } = await turbo(["run", "build"], true);
  if (exitCode === 0) {
    for (const folder of await packageFolders()) await prune(folder);
    console.log(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  } else {
    console.error(output);
  }
  process.exitCode = exitCode;
}
