import { type KitReport, countsOf } from "@omniq/storage-testkit";

const BEGIN = "<!-- conformance: made by `pnpm conformance` -->";
const END = "<!-- /conformance -->";

/** The table of the README: a line an adapter. */
export function tableOf(reports: readonly KitReport[]): string {
  const rows = reports.map((report) => {
    const { passed, failed, skipped, untested } = countsOf(report);
    const durability = Object.entries(report.durability).map(([name, value]) => `${name} ${value}`);
    return `| ${report.adapter} | ${passed} | ${failed} | ${skipped} | ${untested} | ${durability.join(", ")} |`;
  });
  return [
    "| store | rules kept | failed | skipped | untested | durability, read back |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** The text with the table in its place. @throws where the place is not marked */
export function withTable(text: string, table: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The README has no place marked ${BEGIN} ... ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`;
}
