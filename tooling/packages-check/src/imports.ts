// Imports every entry of every packed package with plain Node, as a user's program would: built files only, and
// of ours only packed ones.

import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, symlink } from "node:fs/promises";
import path from "node:path";

import type { Packed } from "./pack.ts";
import { run } from "./run.ts";

interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Puts beside an unpacked package what an install would: the dependencies that are not packed here themselves. */
export async function linkDependencies(packed: Packed, all: readonly Packed[]): Promise<void> {
  const manifest = await readManifest(packed);
  const ours = new Set(all.map((other) => other.name));
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (ours.has(name)) continue;
    const installed = path.join(packed.folder, "node_modules", name);
    // An optional peer need not be there.
    if (!existsSync(installed)) continue;
    const link = path.join(packed.unpacked, "node_modules", name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(await realpath(installed), link, "junction");
  }
}

export async function judgeImports(packed: Packed): Promise<string[]> {
  const manifest = await readManifest(packed);
  const entries = Object.keys(manifest.exports ?? {}).filter((entry) => !entry.endsWith(".json"));
  // The folder above node_modules: the program that imports it.
  const program = packed.unpacked.slice(0, packed.unpacked.lastIndexOf("node_modules"));

  const problems: string[] = [];
  for (const entry of entries) {
    const specifier = path.posix.join(packed.name, entry);
    const script = `await import(${JSON.stringify(specifier)})`;
    // Once more with the private condition, which must lead nowhere outside of this workspace.
    for (const flags of [[], ["--conditions=@omniq/source"]]) {
      const { passed, output } = await run("node", [...flags, "--input-type=module", "-e", script], program);
      if (!passed) problems.push(`import ${[...flags, specifier].join(" ")}:\n${output.trim()}`);
    }
  }
  return problems;
}

async function readManifest({ unpacked }: Packed): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(unpacked, "package.json"), "utf8")) as Manifest;
}
