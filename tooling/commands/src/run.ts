import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the workspace. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

export interface Run {
  /** 0 when all went well. */
  readonly exitCode: number;
  /** What the command printed, both streams in order; empty when it printed straight to the terminal. */
  readonly output: string;
}

/** Runs one of the tools that the root installed, from the root, and never throws for its failure. */
export function runTool(
  command: readonly string[],
  options: { readonly capture: boolean; readonly env?: Readonly<Record<string, string>> },
): Promise<Run> {
  const [name = "", ...args] = command;
  const bin = path.join(root, "node_modules", ".bin");
  const env = {
    ...process.env,
    ...options.env,
    PATH: [bin, process.env["PATH"] ?? ""].join(path.delimiter),
    ...(options.capture && process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}),
  };

  return new Promise((resolve) => {
    const child = spawn(name, args, {
      cwd: root,
      env,
      // The shims in .bin are .cmd files on Windows, which only a shell can run.
      shell: process.platform === "win32",
      stdio: options.capture ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    const printed: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => printed.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => printed.push(chunk));
    child.on("error", (error) => {
      resolve({ exitCode: 1, output: `${name} could not be started: ${error.message}\n` });
    });
    child.on("close", (code) => {
      resolve({ exitCode: code ?? 1, output: Buffer.concat(printed).toString("utf8") });
    });
  });
}
