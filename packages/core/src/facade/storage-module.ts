import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AdapterNotFoundError } from "../errors/adapter-not-found-error.ts";
import { ValidationError } from "../errors/validation-error.ts";
import type { BaseStorage } from "../storage/base-storage.ts";

/** What the module of an adapter exports, so that a URL can name it. */
export interface StorageModule {
  /**
   * A store for a URL of the adapter's scheme; null for its default place. It does no I/O.
   *
   * @param options whatever else was given to `OmniQ.open`.
   */
  createStorage(url: string | null, options: Readonly<Record<string, unknown>>): BaseStorage;
}

const PACKAGES: ReadonlyMap<string, string> = new Map([
  ["sqlite", "@omniq/storage-sqlite"],
  ["file", "@omniq/storage-file"],
  ["postgres", "@omniq/storage-postgres"],
  ["postgresql", "@omniq/storage-postgres"],
  ["redis", "@omniq/storage-redis"],
  ["rediss", "@omniq/storage-redis"],
  ["memory", "@omniq/storage-memory"],
]);

/**
 * The package that serves a scheme: one of ours, or for any other `x` the package `omniq-storage-x`.
 *
 * @throws ValidationError `unknown_backend` for what is no scheme
 */
export function packageOf(scheme: string): string {
  const name = PACKAGES.get(scheme);
  if (name) return name;
  if (/^[a-z][a-z0-9+.-]*$/.test(scheme)) return `omniq-storage-${scheme}`;
  throw new ValidationError(
    "unknown_backend",
    `"${scheme}" names no store. Use one of ${[...PACKAGES.keys()].join(", ")}, the scheme of another package ` +
      "(x for omniq-storage-x), or pass the adapter's module as `adapter`.",
    { field: "backend" },
  );
}

/**
 * Loads an adapter as the application would: from its entry file, then from the working folder. Never from here,
 * where a package manager may have put another copy, or none.
 *
 * @throws AdapterNotFoundError
 */
export async function loadStorageModule(packageName: string): Promise<StorageModule> {
  const bases = [entryFile(), join(process.cwd(), "package.json")].filter((base) => base !== null);
  let cause: unknown;
  for (const base of bases) {
    let path: string;
    try {
      path = createRequire(base).resolve(packageName);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      cause ??= error;
      continue;
    }
    // An adapter that is there, and lacks a package of its own, says so itself.
    return checkModule((await import(pathToFileURL(path).href)) as unknown, packageName);
  }
  throw new AdapterNotFoundError(packageName, bases, cause);
}

/** @throws ValidationError `invalid_adapter` where the module has no `createStorage` */
export function checkModule(module: unknown, name: string): StorageModule {
  if (typeof (module as Partial<StorageModule> | null)?.createStorage === "function")
    return module as StorageModule;
  throw new ValidationError(
    "invalid_adapter",
    `${name} exports no createStorage, so it is no adapter of OmniQ.`,
    {
      field: "adapter",
    },
  );
}

function entryFile(): string | null {
  const entry = process.argv[1];
  if (!entry) return null;
  try {
    return realpathSync(entry);
  } catch {
    return null;
  }
}

function isNotFound(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
}
