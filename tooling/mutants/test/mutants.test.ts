import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKLIST, RULES, type StorageHarness, ruleOf, runCheck, runRule } from "@omniq/storage-testkit";
import { describe, it } from "vitest";
import { FILE_MUTANTS, MUTANTS, type Mutant, fileHarnessOf, harnessOf } from "../src/index.ts";
import { ODD_HARNESSES, unorderedHarness } from "../src/odd-stores.ts";

/** Run by `broken-stores.test.ts` beside it. */
const BROKEN_BEHIND_A_SERVER = "../../../packages/storage-redis/test/support/broken-stores.ts";

describe("each broken store is caught by its rule", () => {
  for (const mutant of MUTANTS) {
    it(`${mutant.killedBy} catches "${mutant.name}"`, async () => {
      await expectKilled(mutant, harnessOf(mutant));
    });
  }
});

describe("each store in a file that is broken is caught by its rule", () => {
  for (const mutant of FILE_MUTANTS) {
    it(`${mutant.killedBy} catches "${mutant.name}"`, async () => {
      await expectKilled(mutant, fileHarnessOf(mutant));
    });
  }
});

async function expectKilled(
  { name, killedBy, reason }: Pick<Mutant, "name" | "killedBy" | "reason">,
  harness: StorageHarness,
): Promise<void> {
  const result = await runRule(harness, ruleOf(killedBy), { livenessMs: 2000 });
  assert.equal(result.status, "failed", `${killedBy} does not notice "${name}"`);
  assert.ok(result.reason?.includes(reason), `the reason should say "${reason}": ${result.reason}`);
}

describe("no rule stands unproven", () => {
  it("each required rule catches a broken store", () => {
    const proven = new Set([...MUTANTS, ...FILE_MUTANTS].map(({ killedBy }) => killedBy));
    const unproven = RULES.filter(({ id, level }) => level === "required" && !proven.has(id));
    assert.deepEqual(
      unproven.map(({ id }) => id),
      [],
    );
  });

  it("and so does each of the others, those that need a server's fault beside an adapter that has a server", () => {
    const beside = readFileSync(join(import.meta.dirname, BROKEN_BEHIND_A_SERVER), "utf8");
    const there = [...beside.matchAll(/killedBy: "([A-Z]+-\d+)"/g)].map(([, id]) => id);
    const proven = new Set([...[...MUTANTS, ...FILE_MUTANTS].map(({ killedBy }) => killedBy), ...there]);
    const unproven = RULES.filter(({ id, level }) => level === "capability" && !proven.has(id));
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

  it("S0.6 S0.12 a getTask that is always null", async () => {
    assert.deepEqual(await failedPoints("getTask always null"), [1, 2, 4, 5, 7, 8, 9, 10]);
  });

  it("S0.12 a reschedule without effect", async () => {
    assert.deepEqual(await failedPoints("reschedule without effect"), [4, 5, 6, 7]);
  });
});

describe("an odd but correct store passes", () => {
  for (const harness of ODD_HARNESSES) {
    it(`one that is ${harness.name}`, async () => {
      for (const rule of RULES.filter(({ id }) => id !== "GET-4")) {
        const { status, reason } = await runRule(harness, rule);
        const isUntested = rule.checks.some(({ door }) => door === "claimWork");
        if (isUntested) assert.equal(status, "untested", rule.id);
        else assert.ok(status === "passed" || status === "skipped", `${rule.id}: ${reason}`);
      }
    });
  }

  it("one that keeps no order, and says so", async () => {
    for (const rule of RULES.filter(({ topic }) => topic === "claim")) {
      const { status, reason } = await runRule(unorderedHarness, rule);
      const expected = rule.checks.some(({ door }) => door === "claimWork") ? "untested" : "passed";
      if (status !== "skipped") assert.equal(status, expected, `${rule.id}: ${reason}`);
    }
  });
});
