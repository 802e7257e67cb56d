import { createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of this repository: its own files are the quickstart's input. */
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Made by tools while they run, so not the same from one minute to the next. */
const SKIPPED = new Set(["node_modules", "dist", "coverage", "omniq_data"]);

/** A file of the repository, at one state of its content. */
export interface InputFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  /** The same as long as the file is not written anew. */
  readonly version: string;
}

/** What there is to know of a file. */
export interface FileFacts {
  readonly sha256: string;
  readonly lines: number;
  readonly words: number;
}

/**
 * The repository's files, in order. Folders whose name begins with a dot are left out, and so is what tools make.
 *
 * @param place where the tasks are kept: if it is a path, its files may lie in the repository, and are no input.
 */
export async function inputFiles(place: string, folder = ROOT): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name)) {
      found.push(...(await inputFiles(place, path)));
    } else if (entry.isFile() && !path.startsWith(place)) {
      const name = relative(ROOT, path).replaceAll("\\", "/");
      found.push({ path: name, version: await versionOf(name) });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a file is still as it was when it was listed. */
export async function isUnchanged({ path, version }: InputFile): Promise<boolean> {
  return (await versionOf(path).catch(() => null)) === version;
}

async function versionOf(path: string): Promise<string> {
  const { mtimeMs, size } = await stat(join(ROOT, path));
  return `${Math.round(mtimeMs).toString(36)}-${size.toString(36)}`;
}

/** Reads one file through. */
export async function measureFile(path: string): Promise<FileFacts> {
  const bytes = await readFile(join(ROOT, path));
  const text = bytes.toString("utf8");
  return {
    sha256: createHash("sha256").update(bytes).digest("hex"),
    lines: text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    words: text.split(/\s+/).filter((word) => word !== "").length,
  };
}
