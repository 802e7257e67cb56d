// Holds the dependencies in the package.json files against the same layout: an arrow that is declared is one
// that Turbo and the package manager follow, whether or not a file uses it.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

import type { Finding } from "./finding.ts";
import { allowedImports, allowedInTests } from "./layout.ts";

type Kind = "packages" | "apps" | "tooling";

export interface Member {
  /** Its name in the registry, such as "@omniq/core". */
  readonly name: string;
  readonly kind: Kind;
  /** The name of its folder, such as "core". */
  readonly folder: string;
  /** What its users install with it. */
  readonly runtime: readonly string[];
  readonly development: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Every package, app and tool of the workspace. */
export async function readMembers(root: string): Promise<Member[]> {
  const members: Member[] = [];
  for (const kind of ["packages", "apps", "tooling"] as const) {
    const parent = path.join(root, kind);
    const folders = existsSync(parent) ? (await readdir(parent)).toSorted() : [];
    for (const folder of folders) {
      const file = path.join(parent, folder, "package.json");
      if (!existsSync(file)) continue;
      const manifest = JSON.parse(await readFile(file, "utf8")) as Manifest;
      const runtime = {
        ...manifest.dependencies,
        ...manifest.peerDependencies,
        ...manifest.optionalDependencies,
      };
      members.push({
        name: manifest.name,
        kind,
        folder,
        runtime: Object.keys(runtime),
        development: Object.keys(manifest.devDependencies ?? {}),
      });
    }
  }
  return members;
}

export function judgeManifests(members: readonly Member[]): Finding[] {
  const ours = new Map(members.map((member) => [member.name, member]));
  const findings: Finding[] = [];

  for (const from of members) {
    for (const name of from.runtime) {
      const to = ours.get(name);
      if (to !== undefined && !mayNeed(from, to)) findings.push(forbidden(from, to, "dependencies"));
    }
    for (const name of from.development) {
      const to = ours.get(name);
      if (to !== undefined && !mayNeed(from, to) && !mayTestWith(from, to)) {
        findings.push(forbidden(from, to, "devDependencies"));
      }
    }
  }
  return [...findings, ...findCycles(members, ours)];
}

function mayNeed(from: Member, to: Member): boolean {
  if (to.kind === "apps") return false;
  if (from.kind === "tooling") return true;
  if (to.kind === "tooling") return false;
  if (from.kind === "apps") return true;
  return allowedImports(from.folder)?.includes(to.folder) ?? true;
}

function mayTestWith(from: Member, to: Member): boolean {
  if (to.kind === "tooling") return true;
  return from.kind === "packages" && allowedInTests(from.folder).includes(to.folder);
}

function forbidden(from: Member, to: Member, field: string): Finding {
  return {
    rule: "manifest-arrows",
    where: `${from.kind}/${from.folder}/package.json: ${field}: ${to.name}`,
    advice: "The layout in tooling/architecture/src/layout.ts has no such arrow.",
  };
}

function findCycles(members: readonly Member[], ours: ReadonlyMap<string, Member>): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();

  function visit(member: Member, trail: readonly string[]): void {
    const start = trail.indexOf(member.name);
    if (start >= 0) {
      findings.push({
        rule: "manifest-cycle",
        where: [...trail.slice(start), member.name].join(" -> "),
        advice: "Turbo refuses a cycle, test dependencies included: put the test in a package above both.",
      });
      return;
    }
    if (done.has(member.name)) return;
    for (const name of [...member.runtime, ...member.development]) {
      const next = ours.get(name);
      if (next !== undefined) visit(next, [...trail, member.name]);
    }
    done.add(member.name);
  }

  for (const member of members) visit(member, []);
  return findings;
}
