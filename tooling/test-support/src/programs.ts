import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const PACKAGES = join(import.meta.dirname, "..", "..", "..", "packages");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder, removed after the test, in which our packages are installed: these, or all of them. */
export function application(packages: readonly string[] = readdirSync(PACKAGES)): string {
  const folder = temporaryFolder();
  const modules = join(folder, "node_modules", "@omniq");
  mkdirSync(modules, { recursive: true });
  for (const name of packages) symlinkSync(join(PACKAGES, name), join(modules, name));
  return folder;
}

/**
 * Runs a program as a process of its own, in the folder, with nothing in its environment but `environment` and the search
 * path.
 */
export async function runProgram(
  program: string,
  environment: Readonly<Record<string, string>> = {},
  folder = application(),
  limits: { readonly maxFileBytes?: number } = {},
): Promise<Ended> {
  const file = join(folder, "main.mts");
  writeFileSync(file, program);
  const run = [process.execPath, "--conditions=@omniq/source", file];
  // The shell counts in blocks of 512 bytes.
  const limited = [
    "sh",
    "-c",
    `ulimit -f ${Math.ceil((limits.maxFileBytes ?? 0) / 512)} && exec "$0" "$@"`,
    ...run,
  ];
  const [command = "", ...args] = limits.maxFileBytes === undefined ? run : limited;
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...environment },
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
