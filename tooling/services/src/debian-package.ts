import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Thrown where a program is missing and cannot be installed from here. The message says what to do. */
export class MissingCommandError extends Error {
  override readonly name = "MissingCommandError";
}

/**
 * Makes sure that a command is on the PATH, and answers where. Where it is not, its Debian package is installed with
 * apt-get, which takes root.
 *
 * @throws MissingCommandError
 */
export async function ensureDebianPackage(command: string, debianPackage: string): Promise<string> {
  const found = await findCommand(command);
  if (found !== null) return found;
  const advice = `Install it: apt-get install ${debianPackage}, or what your system calls that package.`;
  if (process.getuid?.() !== 0 || (await findCommand("apt-get")) === null) {
    throw new MissingCommandError(`${command} is not on the PATH. ${advice}`);
  }
  try {
    await run("apt-get", ["update"]);
    await run("apt-get", ["install", "--yes", "--no-install-recommends", debianPackage]);
  } catch (cause) {
    throw new MissingCommandError(
      `${command} is not on the PATH, and apt-get could not install it. ${advice}`,
      {
        cause,
      },
    );
  }
  const installed = await findCommand(command);
  if (installed !== null) return installed;
  throw new MissingCommandError(
    `The package ${debianPackage} was installed and brought no ${command}. ${advice}`,
  );
}

/** Where a command lies on the PATH; null where it does not. */
export async function findCommand(command: string): Promise<string | null> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const path = join(folder, command);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaints = "";
    child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}: ${complaints.trim()}`));
    });
  });
}
