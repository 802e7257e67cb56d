import path from "node:path";
import { fileURLToPath } from "node:url";

import { judgePackages } from "./gate.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const { packed, problems } = await judgePackages(root);

for (const problem of problems) console.error(`${problem}\n`);
if (packed.length === 0) console.error("Nothing was packed: there is no package to publish.");
console.log(`Packages: ${packed.length} packed (${packed.join(", ")}), ${problems.length} problems.`);
process.exitCode = packed.length > 0 && problems.length === 0 ? 0 : 1;
