import path from "node:path";
import { fileURLToPath } from "node:url";

import { judgePublished } from "./published.ts";
import { judgeVersions } from "./versions.ts";
import { readWorkspace } from "./workspace.ts";

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const workspace = await readWorkspace(folder);
const problems = [...judgeVersions(workspace), ...judgePublished(workspace)];

for (const problem of problems) console.error(problem);
console.log(`Manifests: ${workspace.members.length} read, ${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;
