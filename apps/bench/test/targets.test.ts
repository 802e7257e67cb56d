import { describe, expect, test } from "vitest";
import { targetTable } from "../src/page/target-table.ts";
import { TARGETS } from "../src/results/all-targets.ts";
import { type Target, judge, toMode, toSystem } from "../src/results/targets.ts";
import { row } from "./row.ts";

const twice: Target = {
  store: "sqlite",
  workload: "W3",
  mode: "kept",
  concurrency: 10,
  text: "2 of peer",
  measure: toSystem("peer"),
  least: 2,
  unit: "",
};
const peer = row({ system: "peer", rate: 100 });

describe("a target", () => {
  test("that was missed is marked as missed in the table", () => {
    const rows = [row({ rate: 199 }), peer];
    expect(judge(twice, rows)).toMatchObject({ measured: 1.99, outcome: "missed" });
    expect(targetTable("sqlite", rows, [twice])).toContain(
      "| W3, c10, kept | **missed** | 1.99 | 2 of peer |",
    );
  });

  test("that was met is marked as met", () => {
    const rows = [row({ rate: 200 }), peer];
    expect(targetTable("sqlite", rows, [twice])).toContain("| W3, c10, kept | met | 2 | 2 of peer |");
  });

  test("counts as not measured where either side has no figure", () => {
    const failed = row({ error: "It ended early" });
    for (const rows of [[], [peer], [row({ rate: 200 })], [failed, peer]]) {
      expect(judge(twice, rows).outcome).toBe("not measured");
    }
  });

  test("may have a most", () => {
    const within: Target = { ...twice, measure: ({ p50 }) => p50 ?? null, least: 0, most: 1 };
    expect(judge(within, [row({ p50: 1 })]).outcome).toBe("met");
    expect(judge(within, [row({ p50: 1.1 })]).outcome).toBe("missed");
  });

  test("may compare with OmniQ's own rate in another mode", () => {
    const grown: Target = {
      ...twice,
      mode: "100,000 waiting",
      measure: toMode("10,000 waiting"),
      least: 0.8,
    };
    const rows = [row({ mode: "10,000 waiting", rate: 100 }), row({ mode: "100,000 waiting", rate: 79 })];
    expect(judge(grown, rows)).toMatchObject({ measured: 0.79, outcome: "missed" });
  });
});

test("a worker's crash that lost a task misses its target, however soon the rest was done", () => {
  const target = TARGETS.find(({ workload }) => workload === "W7") as Target;
  const crash = row({ workload: "W7", mode: target.mode, seconds: 5, lost: 0 });
  expect(judge(target, [crash]).outcome).toBe("met");
  expect(judge(target, [{ ...crash, lost: 1 }]).outcome).toBe("missed");
});
