import { type KitReport, RULES, countsOf, isConforming } from "@omniq/storage-testkit";
import { describe, expect, it } from "vitest";
import { keptReports, readReadme } from "../src/reports.ts";
import { tableOf, withTable } from "../src/table.ts";

const REPORT: KitReport = {
  adapter: "example",
  versions: {},
  seed: 1,
  durability: { synchronous: "2" },
  rules: [
    { id: "ENQ-1", topic: "enqueue", level: "required", status: "passed", reason: null, ms: 1, notes: [] },
    {
      id: "ENQ-2",
      topic: "enqueue",
      level: "required",
      status: "failed",
      reason: "it did not",
      ms: 1,
      notes: [],
    },
  ],
};

describe("the table of the README", () => {
  it("is the one that the kept reports make", () => {
    expect(readReadme()).toBe(withTable(readReadme(), tableOf(keptReports())));
  });

  it("has a line an adapter", () => {
    expect(tableOf([REPORT])).toContain("| example | 1 | 1 | 0 | 0 | synchronous 2 |");
  });

  it("has its place marked", () => {
    expect(() => withTable("nothing", "")).toThrow("no place");
  });
});

describe.each(keptReports())("the kept report on $adapter", (report) => {
  it("is about the rules that the kit has", () => {
    expect(report.rules.map(({ id }) => id)).toEqual(RULES.map(({ id }) => id));
  });

  it("has no rule that failed", () => expect(countsOf(report).failed).toBe(0));
});

describe("a report", () => {
  it("with a failed rule says that the contract is not kept", () => expect(isConforming(REPORT)).toBe(false));
});
