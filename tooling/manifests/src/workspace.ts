import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** What one entry of `exports` leads to: a file, or a file for each condition. */
type ExportTarget = string | Readonly<Record<string, string>>;

export type Exports = Readonly<Record<string, ExportTarget>>;

type Dependencies = Readonly<Record<string, string>>;

/** The fields of a package.json that the rules look at. */
export interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly files?: readonly string[];
  readonly engines?: { readonly node?: string };
  readonly packageManager?: string;
  readonly exports?: Exports;
  readonly publishConfig?: { readonly access?: string; readonly exports?: Exports };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
}

interface Member {
  /** Its folder relative to the workspace, "." for the root. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface Workspace {
  readonly root: Manifest;
  /** The root among them. */
  readonly members: readonly Member[];
  /** Texts that name versions outside of any manifest, by path. */
  readonly texts: Readonly<Record<string, string>>;
}

const textsWithVersions = ["pnpm-workspace.yaml", "README.md", "CONTRIBUTING.md", ".ci/run"];

export async function readWorkspace(folder: string): Promise<Workspace> {
  const root = await readManifest(path.join(folder, "package.json"));
  const members: Member[] = [{ folder: ".", manifest: root }];
  for (const parent of ["packages", "apps", "tooling"]) {
    if (!existsSync(path.join(folder, parent))) continue;
    for (const name of (await readdir(path.join(folder, parent))).toSorted()) {
      const file = path.join(folder, parent, name, "package.json");
      if (existsSync(file)) members.push({ folder: `${parent}/${name}`, manifest: await readManifest(file) });
    }
  }

  const texts: Record<string, string> = {};
  for (const name of textsWithVersions) {
    const file = path.join(folder, name);
    if (existsSync(file)) texts[name] = await readFile(file, "utf8");
  }
  return { root, members, texts };
}

async function readManifest(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(file, "utf8")) as Manifest;
}
