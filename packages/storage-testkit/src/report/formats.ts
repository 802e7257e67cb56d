import { type KitReport, type RuleReport, countsOf, isConforming } from "./kit-report.ts";

/** One line that says how an adapter did. */
export function summaryLine(report: KitReport): string {
  const { passed, failed, skipped, untested } = countsOf(report);
  return `${report.adapter}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${untested} untested`;
}

/** One line that says how a rule did; the reason, where there is one, on the next. */
export function ruleLine({ id, status, reason, ms }: RuleReport): string {
  const line = `${status.padEnd(8)}  ${id.padEnd(8)} ${String(ms).padStart(6)} ms`;
  return reason === null ? line : `${line}\n          ${reason}`;
}

/** The report as a page. */
export function toMarkdown(report: KitReport): string {
  const facts = (entries: Readonly<Record<string, string>>): string =>
    Object.entries(entries)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ") || "none";
  const rows = report.rules.map(
    ({ id, level, status, reason }) =>
      `| ${id} | ${level} | ${status} | ${(reason ?? "").replaceAll("|", "\\|").replaceAll("\n", " ")} |`,
  );
  return [
    `# ${report.adapter}: ${isConforming(report) ? "keeps the contract" : "does not keep the contract"}`,
    "",
    summaryLine(report),
    "",
    `Versions: ${facts(report.versions)}. Durability: ${facts(report.durability)}. Seed: ${report.seed}.`,
    "",
    "| rule | level | status | reason |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** The report as JUnit's XML, which every CI reads. */
export function toJUnit(report: KitReport): string {
  const { failed, skipped, untested } = countsOf(report);
  const cases = report.rules.map(({ id, topic, status, reason, ms }) => {
    const open = `  <testcase classname="${xml(`${report.adapter}.${topic}`)}" name="${xml(id)}" time="${ms / 1000}"`;
    if (status === "passed") return `${open}/>`;
    const element = status === "failed" ? "failure" : "skipped";
    return `${open}><${element} message="${xml(reason ?? status)}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${xml(report.adapter)}" tests="${report.rules.length}" failures="${failed}" skipped="${skipped + untested}">`,
    ...cases,
    "</testsuite>",
    "",
  ].join("\n");
}

/** What an endpoint badge of shields.io is made from. */
export function toBadge(report: KitReport): string {
  const { passed } = countsOf(report);
  const holds = isConforming(report);
  const badge = {
    schemaVersion: 1,
    label: `OmniQ contract ${report.versions["contract"] ?? ""}`.trim(),
    message: holds ? `${passed} rules` : "not kept",
    color: holds ? "brightgreen" : "red",
  };
  return `${JSON.stringify(badge)}\n`;
}

/** Text for an attribute. Characters that XML has no place for are shown as their code. */
function xml(text: string): string {
  return text
    .replaceAll(
      /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    )
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;");
}
