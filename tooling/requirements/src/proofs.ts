import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ReadingProof, byReading } from "./by-reading.ts";
import { provedIn, rowsOf } from "./rows.ts";

/** A row and the files that prove it. */
interface Row {
  readonly id: string;
  readonly files: readonly string[];
}

export interface Verdict {
  readonly rows: readonly Row[];
  /** What is wrong, a line each. */
  readonly problems: readonly string[];
}

/** Finds the proofs of all rows in a repository. */
export async function findProofs(
  repository: string,
  reading: Readonly<Record<string, ReadingProof>> = byReading,
): Promise<Verdict> {
  const files = new Map<string, string[]>();
  const prove = (id: string, file: string): void =>
    void files.set(id, [...new Set([...(files.get(id) ?? []), file])]);
  const options = { cwd: repository, exclude: (name: string) => /node_modules|dist/.test(name) };
  for await (const file of glob("{packages,apps,tooling}/**/*.test.ts", options)) {
    // Its own tests are about invented rows.
    if (file.startsWith("tooling/requirements/")) continue;
    for (const id of provedIn(await readFile(join(repository, file), "utf8"))) prove(id, file);
  }
  const problems: string[] = [];
  for (const [id, { file, text }] of Object.entries(reading)) {
    const content = await readFile(join(repository, file), "utf8").catch(() => null);
    if (content?.includes(text)) prove(id, file);
    else problems.push(`${id}: ${file} does not say "${text}"`);
  }
  const page = rowsOf(await readFile(join(repository, "docs/requirements.md"), "utf8"));
  for (const id of files.keys()) if (!page.includes(id)) problems.push(`${id} is proved, and is no row`);
  return { rows: page.map((id) => ({ id, files: files.get(id) ?? [] })), problems };
}
