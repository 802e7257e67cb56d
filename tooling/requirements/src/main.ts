import { join } from "node:path";
import { findProofs } from "./proofs.ts";

const { rows, problems } = await findProofs(join(import.meta.dirname, "../../.."));
const missing = rows.filter(({ files }) => files.length === 0);
if (process.argv.includes("--all")) {
  for (const { id, files } of rows) console.log(`${id}\t${files.join(" ")}`);
}
for (const { id } of missing) console.log(`${id} has no proof: no test's title begins with it`);
for (const problem of problems) console.log(problem);
console.log(`${rows.length} rows, ${rows.length - missing.length} proved, ${missing.length} missing`);
process.exitCode = missing.length + problems.length === 0 ? 0 : 1;
