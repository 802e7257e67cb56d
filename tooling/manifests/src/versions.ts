// Every version is written once: those of dependencies in the catalog, pnpm's in packageManager.

import type { Workspace } from "./workspace.ts";

export function judgeVersions({ root, members, texts }: Workspace): string[] {
  const problems: string[] = [];

  // Peers are left out: theirs is the range that users may bring.
  for (const { folder, manifest } of members) {
    for (const field of ["dependencies", "optionalDependencies", "devDependencies"] as const) {
      for (const [name, version] of Object.entries(manifest[field] ?? {})) {
        if (["catalog:", "workspace:*", "workspace:^"].includes(version)) continue;
        problems.push(
          `${folder}/package.json: ${field}: ${name} is "${version}". Write "catalog:" and the version into ` +
            'pnpm-workspace.yaml, or "workspace:^" for one of ours.',
        );
      }
    }
  }

  for (const [file, text] of Object.entries(texts)) {
    for (const [mention] of text.matchAll(/\bpnpm@\d+\.\d+\.\d+/g)) {
      if (mention === root.packageManager) continue;
      problems.push(`${file}: says ${mention}, but packageManager is ${root.packageManager ?? "missing"}.`);
    }
  }

  const catalog = texts["pnpm-workspace.yaml"] ?? "";
  const nodeInstalled = /^ {2}node: (\d\S+)$/m.exec(catalog)?.[1];
  const nodeAssumed = /^nodeVersion: (\S+)$/m.exec(catalog)?.[1];
  if (nodeInstalled === undefined || nodeInstalled !== nodeAssumed) {
    problems.push(
      `pnpm-workspace.yaml: nodeVersion is ${nodeAssumed}, but the catalog installs ${nodeInstalled}.`,
    );
  }
  return problems;
}
