// The layout as rules of dependency-cruiser. Paths are relative to the workspace and written with "/".

import type { IForbiddenRuleType } from "dependency-cruiser";

import { aboveStorage, coreLayers } from "./layout.ts";

type Rule = IForbiddenRuleType & { readonly name: string; readonly comment: string };

const adapter = "storage-(?!sql/|testkit/)[^/]+";
const anyOfOurs = "^(?:packages|apps|tooling)/";

const betweenPackages: readonly Rule[] = [
  {
    name: "core-stands-alone",
    comment: "core is the leaf of the graph: turn the arrow round, with a port or a type in core.",
    from: { path: "^packages/core/src/" },
    to: { path: anyOfOurs, pathNot: "^packages/core/" },
  },
  {
    name: "adapters-never-meet",
    comment: "An adapter knows no other: what two share belongs to core, or to storage-sql when it is SQL.",
    from: { path: `^packages/(${adapter})/`, pathNot: "^packages/storage-file/" },
    to: { path: `^packages/${adapter}/`, pathNot: "^packages/$1/" },
  },
  {
    name: "file-imports-core-journal-and-memory",
    comment:
      "storage-file keeps the rows and indexes of storage-memory, written down by the journal. It knows no other adapter.",
    from: { path: "^packages/storage-file/" },
    to: { path: `^packages/${adapter}/`, pathNot: "^packages/storage-(?:file|memory)/" },
  },
  {
    name: "foundations-import-core-alone",
    comment:
      "The journal keeps lines of text, a connection carries commands: what they mean belongs to the adapter above.",
    from: { path: "^packages/(journal|connection-[^/]+)/src/" },
    to: { path: anyOfOurs, pathNot: "^packages/(?:core|$1)/" },
  },
  {
    name: "logging-and-sync-import-core-alone",
    comment: "Logging and the blocking twins work with any store: the application names the adapter.",
    from: { path: "^packages/(logging|sync)/src/" },
    to: { path: anyOfOurs, pathNot: "^packages/(?:core|$1)/" },
  },
  {
    name: "adapters-import-core-alone",
    comment:
      "The source of an adapter imports core, the connection to its server, and storage-sql where its store speaks SQL.",
    from: {
      path: `^packages/(${adapter})/src/`,
      pathNot: "^packages/storage-(?:sqlite|postgres|redis|file)/",
    },
    to: { path: anyOfOurs, pathNot: `^packages/(?:core/|${adapter}/)` },
  },
  {
    name: "redis-imports-core-and-its-connection",
    comment: "The source of storage-redis imports core and connection-redis.",
    from: { path: "^packages/storage-redis/src/" },
    to: { path: anyOfOurs, pathNot: `^packages/(?:core/|connection-redis/|${adapter}/)` },
  },
  {
    name: "sql-adapters-import-core-sql-and-their-connection",
    comment:
      "The source of storage-sqlite and storage-postgres imports core, storage-sql, and its own connection.",
    from: { path: "^packages/storage-(sqlite|postgres)/src/" },
    to: { path: anyOfOurs, pathNot: `^packages/(?:core/|storage-sql/|connection-$1/|${adapter}/)` },
  },
  {
    name: "sql-imports-core-alone",
    comment: "storage-sql imports core; what only one dialect needs belongs to that dialect's adapter.",
    from: { path: "^packages/storage-sql/src/" },
    to: { path: anyOfOurs, pathNot: "^packages/(?:core|storage-sql)/" },
  },
  {
    name: "testkit-imports-core-alone",
    comment: "The kit proves any adapter, so it knows none: take what it needs through its options.",
    from: { path: "^packages/storage-testkit/src/" },
    to: { path: anyOfOurs, pathNot: "^packages/(?:core|storage-testkit)/" },
  },
  {
    name: "apps-are-never-imported",
    comment: "What another place needs of an app belongs in a package.",
    from: { path: "^(?:packages|tooling)/" },
    to: { path: "^apps/" },
  },
  {
    name: "apps-never-meet",
    comment: "What another app needs of an app belongs in a package.",
    from: { path: "^apps/([^/]+)/" },
    to: { path: "^apps/", pathNot: "^apps/$1/" },
  },
  {
    name: "sources-never-import-tooling",
    comment: "Tooling is private: what is published cannot import it. Tests can.",
    from: { path: "^(?:packages|apps)/[^/]+/src/" },
    to: { path: "^tooling/" },
  },
  {
    name: "only-through-exports",
    comment: "Import another package by its name, through what its package.json exports.",
    from: { path: "^((?:packages|apps|tooling)/[^/]+)/" },
    to: { path: anyOfOurs, pathNot: "^$1/", dependencyTypes: ["local"] },
  },
  {
    name: "imports-resolve",
    comment:
      "No such file, no such entry in the package's exports, or the dependency is not in package.json.",
    from: {},
    to: { couldNotResolve: true, path: "^(?:@omniq/|\\.)" },
  },
  {
    name: "no-cycles",
    comment: "Two modules that need each other are one concept, or a third one is missing. Types count too.",
    from: {},
    to: { circular: true },
  },
];

const layersOfCore: readonly Rule[] = Object.entries(coreLayers).map(([layer, below]) => ({
  name: `core-layer-${layer}`,
  comment: `In core, ${layer} imports ${below.length === 0 ? "no other folder" : `only ${below.join(", ")}`}.`,
  from: { path: `^packages/core/src/${layer}/` },
  to: { path: "^packages/core/src/", pathNot: `^packages/core/src/(?:${[layer, ...below].join("|")})/` },
}));

const entriesOfCore: readonly Rule[] = [
  {
    name: "core-layer-unknown",
    comment: "Every folder of packages/core/src has its place in tooling/architecture/src/layout.ts.",
    from: {},
    to: {
      path: "^packages/core/src/[^/]+/",
      pathNot: `^packages/core/src/(?:${Object.keys(coreLayers).join("|")})/`,
    },
  },
  {
    name: "storage-entry-is-small",
    comment: "An adapter must not load queue, worker or facade, not even through another module.",
    from: { path: "^packages/core/src/storage\\.ts$" },
    to: { path: `^packages/core/src/(?:${aboveStorage.join("|")})/`, reachable: true },
  },
];

export const rules: readonly Rule[] = [...betweenPackages, ...layersOfCore, ...entriesOfCore].map((rule) => ({
  ...rule,
  severity: "error",
}));
