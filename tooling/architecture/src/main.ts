import path from "node:path";
import { fileURLToPath } from "node:url";

import { judgeArchitecture } from "./gate.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const { findings, members, modules } = await judgeArchitecture(root);

for (const { rule, where, advice } of findings) console.error(`${rule}\n  ${where}\n  ${advice}\n`);
console.log(`Architecture: ${modules} modules of ${members} packages read, ${findings.length} rules broken.`);
process.exitCode = findings.length === 0 ? 0 : 1;
