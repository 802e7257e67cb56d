import { execFile } from "node:child_process";
import { promisify } from "node:util";

const exec = promisify(execFile);

export interface Run {
  readonly passed: boolean;
  readonly stdout: string;
  /** Both streams, for a message. */
  readonly output: string;
}

/** Runs a command that may fail. */
export async function run(command: string, args: readonly string[], folder: string): Promise<Run> {
  try {
    const { stdout, stderr } = await exec(command, args, {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
      // pnpm and the tools in node_modules/.bin are .cmd files on Windows, which only a shell can run.
      shell: process.platform === "win32",
    });
    return { passed: true, stdout, output: stdout + stderr };
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    return { passed: false, stdout, output: stdout + stderr || message };
  }
}
