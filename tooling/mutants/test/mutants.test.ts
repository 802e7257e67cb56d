import assert from "node:assert/strict";
import { CHECKLIST, RULES, ruleOf, runCheck, runRule } from "@omniq/storage-testkit";
import { describe, it } from "vitest";
import { MUTANTS, harnessOf } from "../src/index.ts";
import { unorderedHarness } from "../src/unordered.ts";

describe("each broken store is caught by its rule", () => {
  for (const mutant of MUTANTS) {
    it(`${mutant.killedBy} catches "${mutant.name}"`, async () => {
      const result = await runRule(harnessOf(mutant), ruleOf(mutant.killedBy));
      assert.equal(result.status, "failed", `${mutant.killedBy} does not notice "${mutant.name}"`);
      assert.ok(
        result.reason?.includes(mutant.reason),
        `the reason should say "${mutant.reason}": ${result.reason}`,
      );
    });
  }
});

describe("no rule stands unproven", () => {
  it("each required rule catches a broken store", () => {
    const proven = new Set(MUTANTS.map(({ killedBy }) => killedBy));
    const unproven = RULES.filter(({ id, level }) => level === "required" && !proven.has(id));
    assert.deepEqual(
      unproven.map(({ id }) => id),
      [],
    );
  });
});

describe("the same stores, whole", () => {
  for (const id of new Set(MUTANTS.map(({ killedBy }) => killedBy))) {
    it(`${id} passes the memory store`, async () => {
      const { status, reason } = await runRule(harnessOf({}), ruleOf(id));
      assert.equal(status, "passed", reason ?? "");
    });
  }
});

describe("the checklist fails for", () => {
  const failedPoints = async (name: string): Promise<number[]> => {
    const mutant = MUTANTS.find((candidate) => candidate.name === name);
    assert.ok(mutant, `there is no mutant "${name}"`);
    const failed: number[] = [];
    for (const { point, checks } of CHECKLIST) {
      const results = await Promise.all(checks.map((check) => runCheck(harnessOf(mutant), check)));
      if (results.some(({ status }) => status === "failed")) failed.push(point);
    }
    return failed;
  };

  it("a getTask that is always null", async () => {
    assert.deepEqual(await failedPoints("getTask always null"), [1, 2, 4, 5, 7, 8, 9, 10]);
  });

  it("a reschedule without effect", async () => {
    assert.deepEqual(await failedPoints("reschedule without effect"), [4, 5, 6, 7]);
  });
});

describe("an odd but correct store passes", () => {
  it("one that keeps no order, and says so", async () => {
    for (const rule of RULES.filter(({ topic }) => topic === "claim")) {
      const { status, reason } = await runRule(unorderedHarness, rule);
      const expected = rule.checks.some(({ door }) => door) ? "untested" : "passed";
      assert.equal(status, expected, `${rule.id}: ${reason}`);
    }
  });
});
