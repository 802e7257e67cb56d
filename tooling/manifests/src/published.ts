// One shape for every package that is published, so that its users get the built files and nothing else.

import { isDeepStrictEqual } from "node:util";

import type { Exports, Manifest, Workspace } from "./workspace.ts";

/** The condition in `exports` that leads to the sources. It is for this workspace alone. */
const source = "@omniq/source";

export function judgePublished({ root, members }: Workspace): string[] {
  return members
    .filter(({ folder, manifest }) => folder.startsWith("packages/") && manifest.private !== true)
    .flatMap(({ folder, manifest }) =>
      judge(manifest, root).map((problem) => `${folder}/package.json: ${problem}`),
    );
}

function judge(manifest: Manifest, root: Manifest): string[] {
  const problems: string[] = [];
  function expect(holds: boolean, problem: string): void {
    if (!holds) problems.push(problem);
  }

  expect((manifest.description ?? "") !== "", "description is missing.");
  expect(manifest.license === root.license, `license is not "${root.license ?? ""}".`);
  expect(manifest.type === "module", 'type is not "module".');
  expect(manifest.engines?.node === root.engines?.node, `engines.node is not "${root.engines?.node ?? ""}".`);
  expect(manifest.publishConfig?.access === "public", 'publishConfig.access is not "public".');
  expect(manifest.files?.[0] === "dist", 'files does not begin with "dist".');
  expect(manifest.files?.includes("src") !== true, 'files names "src": the source maps hold the sources.');
  expect(manifest.scripts?.["build"] !== undefined, "there is no build script.");
  expect(manifest.scripts?.["types"] !== undefined, "there is no types script, so nothing checks its types.");

  const entries = Object.entries(manifest.exports ?? {});
  expect(manifest.exports?.["."] !== undefined, 'exports has no ".".');
  for (const [entry, target] of entries) {
    if (typeof target === "string") continue;
    expect(Object.keys(target)[0] === source, `exports["${entry}"] does not begin with "${source}".`);
    expect(target["types"] !== undefined, `exports["${entry}"] has no types.`);
  }
  expect(
    isDeepStrictEqual(manifest.publishConfig?.exports, withoutSource(manifest.exports ?? {})),
    `publishConfig.exports is not exports without "${source}".`,
  );
  return problems;
}

function withoutSource(entries: Exports): Exports {
  return Object.fromEntries(
    Object.entries(entries).map(([entry, target]) => {
      if (typeof target === "string") return [entry, target];
      const { [source]: _, ...published } = target;
      return [entry, published];
    }),
  );
}
