import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const PEERS = fileURLToPath(new URL("../peers", import.meta.url));

/** Installs a peer from its manifest, if it is not there yet. @throws where npm cannot */
export function installPeer(peer: string): void {
  const folder = join(PEERS, peer);
  if (existsSync(join(folder, "node_modules", packageOf(peer)))) return;
  const flags = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, stderr } = spawnSync("npm", ["install", "--prefix", folder, ...flags], {
    encoding: "utf8",
  });
  if (status === 0) return;
  // The first line is a code; the second says what it is about.
  const [, reason = "npm could not be run"] =
    stderr?.split("\n").filter((line) => line.startsWith("npm error")) ?? [];
  throw new Error(reason);
}

/** Loads a module of an installed peer, by its path below `node_modules`. */
export async function importPeer<T>(peer: string, path: string): Promise<T> {
  return (await import(pathToFileURL(join(PEERS, peer, "node_modules", path)).href)) as T;
}

/** The version that a peer's manifest asks for. */
export function versionOfPeer(peer: string): string {
  return dependencies(peer)[packageOf(peer)] as string;
}

/** The package that a manifest is for is the first it names. */
function packageOf(peer: string): string {
  return Object.keys(dependencies(peer))[0] as string;
}

function dependencies(peer: string): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(PEERS, peer, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return manifest.dependencies;
}
