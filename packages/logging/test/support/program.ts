import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const PACKAGES = join(import.meta.dirname, "..", "..", "..");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "omniq-logging-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder in which our packages are installed. */
export function application(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules", "@omniq"), { recursive: true });
  for (const name of ["core", "logging", "storage-memory", "storage-sqlite"]) {
    symlinkSync(join(PACKAGES, name), join(folder, "node_modules", "@omniq", name));
  }
  return folder;
}

/** Runs a program as a process of its own, with nothing in its environment but `environment` and the search path. */
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
