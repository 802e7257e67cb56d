import type { Row } from "../src/results/row.ts";

/** A row of OmniQ's on SQLite, with what a test says of it. */
export function row(fields: Partial<Row>): Row {
  return {
    store: "sqlite",
    workload: "W3",
    system: "omniq",
    mode: "kept",
    concurrency: 10,
    tasks: 1000,
    rounds: 3,
    spread: null,
    settings: "",
    error: null,
    bestPeer: null,
    ratioToBestPeer: null,
    ratioToRaw: null,
    versions: {},
    machine: "",
    measuredOn: "2026-01-01",
    ...fields,
  };
}
