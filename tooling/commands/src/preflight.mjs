// Every command of the root starts here. Why: when the install before a script fails, pnpm still runs the
// script, on whatever Node the host has, and a gate that could not run would look like one that passed.
//
// This file is plain JavaScript for Node 20, since an old host Node is exactly what it has to meet, and it
// needs nothing installed.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What keeps the commands of a workspace from running here, in words for the person who started one.
 *
 * @param {string} root the folder of the workspace
 * @param {string} nodeVersion such as "24.21.0"
 * @returns {string[]} empty when nothing does
 */
export function findProblems(root, nodeVersion) {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const problems = [];

  const required = manifest.engines.node.replace(">=", "");
  if (isOlder(nodeVersion, required)) {
    problems.push(`This runs on Node ${nodeVersion}; Node ${required} or newer is needed.`);
  }

  const missing = Object.keys(manifest.devDependencies).filter(
    (name) => !existsSync(path.join(root, "node_modules", name, "package.json")),
  );
  if (missing.length > 0) problems.push(`Not installed: ${missing.join(", ")}.`);
  else if (read(root, "pnpm-lock.yaml") !== read(root, "node_modules/.pnpm/lock.yaml")) {
    problems.push("What is installed is not what pnpm-lock.yaml says.");
  }

  return problems;
}

/**
 * @param {string} root
 * @param {string} file
 */
function read(root, file) {
  try {
    return readFileSync(path.join(root, file), "utf8");
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root the folder of the workspace
 * @param {string[]} problems
 */
export function explain(root, problems) {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return [
    ...problems,
    "The install did not finish: it brings the right Node and all tools along. Run",
    `  npx -y ${manifest.packageManager} install`,
    "and read the error it prints; then give your command again.",
  ].join("\n");
}

/**
 * @param {string} version
 * @param {string} required
 */
function isOlder(version, required) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [requiredMajor = 0, requiredMinor = 0] = required.split(".").map(Number);
  return major < requiredMajor || (major === requiredMajor && minor < requiredMinor);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
  const problems = findProblems(root, process.versions.node);
  if (problems.length > 0) {
    console.error(explain(root, problems));
    process.exitCode = 1;
  }
}
