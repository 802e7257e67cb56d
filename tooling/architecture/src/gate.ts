import { existsSync } from "node:fs";
import path from "node:path";

import { judgeCoverage } from "./coverage.ts";
import type { Finding } from "./finding.ts";
import { readImports } from "./imports.ts";
import { judgeManifests, readMembers } from "./manifests.ts";

export interface Judgement {
  readonly findings: readonly Finding[];
  /** How many packages, apps and tools, and how many of their files, were read. */
  readonly members: number;
  readonly modules: number;
}

/** Holds a workspace against the layout. */
export async function judgeArchitecture(root: string): Promise<Judgement> {
  const members = await readMembers(root);
  const folders = ["packages", "apps", "tooling"].filter((name) => existsSync(path.join(root, name)));
  const { modules, findings } = await readImports(root, folders);
  return {
    findings: [...findings, ...judgeManifests(members), ...(await judgeCoverage(root, members, modules))],
    members: members.length,
    modules: modules.length,
  };
}
