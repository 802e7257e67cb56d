import type { Row } from "../results/row.ts";
import type { Store } from "../system.ts";
import { figure, table } from "./markdown.ts";
import { targetTable } from "./target-table.ts";

const TITLES: Readonly<Record<Store, string>> = {
  sqlite: "SQLite",
  postgres: "Postgres",
  redis: "Redis",
  file: "Files",
};

/** What was measured on one store. */
export function storeSection(store: Store, all: readonly Row[]): string {
  const rows = all.filter((row) => row.store === store);
  const of = (...workloads: readonly string[]): readonly Row[] =>
    rows.filter(({ workload }) => workloads.includes(workload));
  const [first] = rows;
  if (!first) return `## ${TITLES[store]}\n\nNot measured yet.`;
  return [
    `## ${TITLES[store]}`,
    `Measured on ${first.machine}; ${versions(first)}. ${rounds(rows)}`,
    settings(rows),
    "### Targets",
    targetTable(store, all),
    "### Rates",
    `![OmniQ's rate as a multiple of the best peer's and of bare code's](benchmarks/${store}.svg)`,
    rates(of("W1", "W2", "W3")),
    "### Wake-up, growth, memory, crash and logging",
    others(of("W4", "W5", "W6", "W7", "W8", "W9", "errors")),
    ...failures(rows),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function versions({ versions: found }: Row): string {
  return Object.entries(found)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

/** How many rounds each workload had, and on which day. */
function rounds(rows: readonly Row[]): string {
  const workloads = new Map<string, Set<string>>();
  for (const { rounds: count, workload, measuredOn, error } of rows) {
    if (error !== null) continue;
    const when = `${count} ${count === 1 ? "round" : "rounds"} on ${measuredOn}`;
    workloads.set(when, (workloads.get(when) ?? new Set()).add(workload));
  }
  return [...workloads].map(([when, names]) => `${[...names].join(", ")}: ${when}.`).join(" ");
}

function settings(rows: readonly Row[]): string {
  const found = new Map(rows.filter((row) => row.settings).map((row) => [row.system, row.settings]));
  return [...found].map(([system, text]) => `- ${system}: ${text}`).join("\n");
}

/** A row for what was compared, a column for each system. */
function rates(rows: readonly Row[]): string {
  const systems = [...new Set(rows.map(({ system }) => system))];
  const ours = rows.filter(({ system }) => system === "omniq");
  return table([
    [
      "workload",
      "mode",
      "at once",
      ...systems.map((system) => `${system}, tasks/s`),
      "to the best peer",
      "to raw",
    ],
    ...ours.map((row) => [
      row.workload,
      row.mode,
      String(row.concurrency),
      ...systems.map((system) => {
        const other = rows.find((one) => one.system === system && isSame(one, row));
        return other ? rate(other) : "";
      }),
      row.ratioToBestPeer === null ? "" : `${figure(row.ratioToBestPeer)} of ${row.bestPeer}`,
      row.ratioToRaw === null ? "" : figure(row.ratioToRaw),
    ]),
  ]);
}

function rate({ rate: median, spread, error }: Row): string {
  if (error !== null || median === undefined) return "failed";
  const range = spread ? ` (${figure(spread[0])} to ${figure(spread[1])})` : "";
  return `${figure(median)}${range}`;
}

function isSame(a: Row, b: Row): boolean {
  return a.workload === b.workload && a.mode === b.mode && a.concurrency === b.concurrency;
}

function others(rows: readonly Row[]): string {
  return table([
    ["workload", "mode", "system", "measured", "spread"],
    ...rows.map((row) => [
      row.workload,
      row.mode,
      row.system,
      row.error === null ? figures(row) : "failed",
      row.spread ? `${figure(row.spread[0])} to ${figure(row.spread[1])}` : "",
    ]),
  ]);
}

function figures(row: Row): string {
  const parts: readonly (string | false)[] = [
    row.rate !== undefined && `${figure(row.rate)} tasks/s`,
    row.p50 !== undefined && `p50 ${figure(row.p50)} ms`,
    row.p99 !== undefined && `p99 ${figure(row.p99)} ms`,
    row.bytesPerTask !== undefined && `${figure(row.bytesPerTask)} bytes a task`,
    row.seconds !== undefined && `${figure(row.seconds)} s after the kill`,
    row.lost !== undefined && `${row.lost} lost`,
    row.runTwice !== undefined && `${row.runTwice} begun twice`,
    row.createMs !== undefined && `made in ${figure(row.createMs)} ms`,
    row.serializeMs !== undefined && `written in ${figure(row.serializeMs)} ms`,
    row.peakRssMb !== undefined && `peak ${figure(row.peakRssMb)} MB`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** A peer that could not be measured is said to be so, with what it said. */
function failures(rows: readonly Row[]): readonly string[] {
  const failed = rows.filter(({ error }) => error !== null);
  if (failed.length === 0) return [];
  const line = ({ workload, mode, concurrency, system, error }: Row): string =>
    `- ${workload}, ${mode}, c${concurrency}, ${system}: ${(error as string).split("\n")[0]}`;
  return ["### Not measured", failed.map(line).join("\n")];
}
