import { countsOf, loadHarness, runKit, summaryLine } from "@omniq/storage-testkit";
import { harnessModules, keepReport, keptReports, readReadme, writeReadme } from "./reports.ts";
import { tableOf, withTable } from "./table.ts";

/** Runs the kit on every adapter, one line each; what does not hold is told below its line. */
for (const path of harnessModules()) {
  const report = await runKit(await loadHarness(path));
  keepReport(report);
  process.stdout.write(`${summaryLine(report)}\n`);
  for (const { id, status, reason } of report.rules) {
    if (status !== "passed") process.stdout.write(`  ${status} ${id}: ${reason}\n`);
  }
  if (countsOf(report).failed > 0) process.exitCode = 1;
}
writeReadme(withTable(readReadme(), tableOf(keptReports())));
// A harness may hold a server and a connection to it for as long as its process lives.
process.exit();
