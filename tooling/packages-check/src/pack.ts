import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { run } from "./run.ts";

/** A package as its users would get it. */
export interface Packed {
  readonly name: string;
  /** Where its source is. */
  readonly folder: string;
  readonly tarball: string;
  /** Where the tarball was unpacked. */
  readonly unpacked: string;
}

/** The folders of the packages that are published. */
export async function findPublished(root: string): Promise<string[]> {
  const parent = path.join(root, "packages");
  const published: string[] = [];
  for (const name of (await readdir(parent)).toSorted()) {
    const file = path.join(parent, name, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(await readFile(file, "utf8")) as { private?: boolean };
    if (manifest.private !== true) published.push(path.join(parent, name));
  }
  return published;
}

/** Packs one package with pnpm, as publishing does, and unpacks it below `target` again. */
export async function pack(folder: string, target: string): Promise<Packed> {
  const { passed, stdout, output } = await run(
    "pnpm",
    ["pack", "--json", "--pack-destination", target],
    folder,
  );
  if (!passed) throw new Error(`pnpm pack failed in ${folder}:\n${output}`);

  const { name, filename } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
    name: string;
    filename: string;
  };
  const unpacked = path.join(target, "node_modules", name);
  await mkdir(unpacked, { recursive: true });
  const unpacking = await run("tar", ["-xzf", filename, "--strip-components=1", "-C", unpacked], target);
  if (!unpacking.passed) throw new Error(`${filename} cannot be unpacked:\n${unpacking.output}`);
  return { name, folder, tarball: filename, unpacked };
}
