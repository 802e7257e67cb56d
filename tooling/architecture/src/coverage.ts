// Proves that the gate had its eyes open. A tool that reads no file finds no broken rule either, and that is
// what dependency-cruiser does when it has no TypeScript that it can use.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";

import type { Finding } from "./finding.ts";
import type { Member } from "./manifests.ts";

/** Reports each source file on disk that was not read, and a package that has none. */
export async function judgeCoverage(
  root: string,
  members: readonly Member[],
  modules: readonly string[],
): Promise<Finding[]> {
  const read = new Set(modules);
  const findings: Finding[] = [];

  if (read.size === 0) {
    findings.push({
      rule: "modules-seen",
      where: "no module at all",
      advice:
        "dependency-cruiser read nothing: it needs TypeScript 6, see packageExtensions in pnpm-workspace.yaml.",
    });
  }
  for (const member of members) {
    if (member.kind !== "packages") continue;
    const source = path.join(root, member.kind, member.folder, "src");
    const files = existsSync(source) ? await readdir(source, { recursive: true }) : [];
    const expected = files
      .filter((file) => file.endsWith(".ts"))
      .map((file) => path.posix.join(member.kind, member.folder, "src", file.replaceAll(path.sep, "/")));
    const unread = expected.filter((file) => !read.has(file));
    if (expected.length === 0 || unread.length > 0) {
      findings.push({
        rule: "modules-seen",
        where: expected.length === 0 ? `${member.name} has no source` : unread.join(", "),
        advice: "Every source file of a package must be read by the gate.",
      });
    }
  }
  return findings;
}
