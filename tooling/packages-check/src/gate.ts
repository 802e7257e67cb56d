import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { judgeContents } from "./contents.ts";
import { judgeImports, linkDependencies } from "./imports.ts";
import { findPublished, pack, type Packed } from "./pack.ts";
import { judgeWithPublint } from "./publint.ts";
import { judgeTypes } from "./types.ts";

export interface Judgement {
  /** The names of the packages that were packed. */
  readonly packed: readonly string[];
  readonly problems: readonly string[];
}

/** Packs what a workspace would publish, as it is built now, and examines the tarballs. */
export async function judgePackages(root: string): Promise<Judgement> {
  // Node resolves real paths, and the temporary folder may be a link.
  const target = await realpath(await mkdtemp(path.join(tmpdir(), "omniq-packages-")));
  try {
    const folders = await findPublished(root);
    const all = await Promise.all(folders.map((folder) => pack(folder, target)));
    await Promise.all(all.map((packed) => linkDependencies(packed, all)));
    const problems = await Promise.all(all.map(judgePackage));
    return { packed: all.map((packed) => packed.name), problems: problems.flat() };
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}

async function judgePackage(packed: Packed): Promise<string[]> {
  const judged = await Promise.all([
    judgeContents(packed),
    judgeWithPublint(packed),
    judgeTypes(packed),
    judgeImports(packed),
  ]);
  return judged.flat().map((problem) => `${packed.name}: ${problem}`);
}
