// The picture of the design as data: which package may depend on which, and which layer of core on which.
// A new adapter (packages/storage-*) needs no entry. A new folder in packages/core/src does.

/** The packages called storage-* that are no adapters. */
const notAdapters = ["storage-sql", "storage-testkit"];

/** The adapters that stand on more than core, and what they stand on. */
const foundations: Readonly<Record<string, readonly string[]>> = {
  "storage-file": ["journal", "storage-memory"],
  "storage-sqlite": ["storage-sql"],
  "storage-postgres": ["connection-postgres", "storage-sql"],
  "storage-redis": ["connection-redis"],
};

function isAdapter(packageName: string): boolean {
  return packageName.startsWith("storage-") && !notAdapters.includes(packageName);
}

/**
 * What the source of `packages/<packageName>` may import of `packages/`. `undefined` is no limit: the packages
 * that people run or add stand above all others.
 */
export function allowedImports(packageName: string): readonly string[] | undefined {
  if (packageName === "core") return [];
  if (["journal", "logging", "sync"].includes(packageName)) return ["core"];
  if (packageName.startsWith("connection-")) return ["core"];
  if (packageName.startsWith("storage-")) return ["core", ...(foundations[packageName] ?? [])];
  return undefined;
}

/** What a package depends on beside that, for its tests. */
export function allowedInTests(packageName: string): readonly string[] {
  if (isAdapter(packageName)) return ["storage-testkit"];
  // Any store will do, so theirs are tried on several.
  if (packageName === "logging") return ["storage-memory", "storage-sqlite"];
  if (packageName === "sync") return ["storage-file", "storage-memory", "storage-sqlite", "storage-testkit"];
  return [];
}

/** The folders of packages/core/src, and the folders that each may import. */
export const coreLayers: Readonly<Record<string, readonly string[]>> = {
  ports: [],
  errors: ["ports"],
  model: ["ports", "errors"],
  storage: ["ports", "errors", "model"],
  queue: ["ports", "errors", "model", "storage"],
  worker: ["ports", "errors", "model", "storage", "queue"],
  copy: ["ports", "errors", "model", "storage"],
  facade: ["ports", "errors", "model", "storage", "queue", "worker", "copy"],
  testing: ["ports", "errors", "model", "storage", "queue", "worker"],
};

/** The layers that an adapter author's entry, `@omniq/core/storage`, must never pull in. */
export const aboveStorage: readonly string[] = ["queue", "worker", "copy", "facade", "testing"];
