import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import { onTestFinished } from "vitest";

const PACKAGES = join(import.meta.dirname, "..", "..", "..");

/** The adapter of SQLite, as a module. */
export const SQLITE = createRequire(import.meta.url).resolve("@omniq/storage-sqlite");
export const MEMORY = createRequire(import.meta.url).resolve("@omniq/storage-memory");
export const TASKS = new URL("../fixtures/tasks.ts", import.meta.url);

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "omniq-sync-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program, in a folder in which our packages are installed, as a process of its own. */
export async function runProgram(
  files: Readonly<Record<string, string>>,
  folder = temporaryFolder(),
): Promise<Ended> {
  const modules = join(folder, "node_modules", "@omniq");
  mkdirSync(modules, { recursive: true });
  for (const name of ["core", "sync", "storage-file", "storage-memory", "storage-sqlite"]) {
    symlinkSync(join(PACKAGES, name), join(modules, name));
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const child = spawn(process.execPath, ["--conditions=@omniq/source", "main.mts"], {
    cwd: folder,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}
