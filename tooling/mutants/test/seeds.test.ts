import assert from "node:assert/strict";
import { CHECKLIST, RULES, ruleOf, runRule } from "@omniq/storage-testkit";
import { describe, it } from "vitest";
import { MUTANTS, harnessOf } from "../src/index.ts";

function mutantOf(name: string) {
  const mutant = MUTANTS.find((candidate) => candidate.name === name);
  assert.ok(mutant, `there is no mutant "${name}"`);
  return mutant;
}

/** The topics of the kit in which a broken store fails. */
async function failedTopics(name: string): Promise<Set<string>> {
  const failed = new Set<string>();
  for (const topic of [
    "getTask",
    "reschedule",
    "finish",
    "recurring",
    "results",
    "errors",
    "data",
  ] as const) {
    for (const rule of RULES.filter((candidate) => candidate.topic === topic)) {
      const { status } = await runRule(harnessOf(mutantOf(name)), rule, { livenessMs: 2000 });
      if (status === "failed") failed.add(topic);
    }
  }
  return failed;
}

describe("the kit, as the seeds ask for it", () => {
  it("S0.12 S4.5 has topics of their own for getTask, reschedule, retries and intervals", () => {
    const topics = new Set<string>(RULES.map(({ topic }) => topic));
    for (const topic of ["getTask", "reschedule", "finish", "recurring"]) assert.ok(topics.has(topic), topic);
    assert.equal(CHECKLIST.length, 10);
  });

  it("S0.6 S0.12 fails a store whose getTask is always null in the topics of retries and intervals too", async () => {
    const failed = await failedTopics("getTask always null");
    for (const topic of ["getTask", "reschedule", "finish", "recurring"]) assert.ok(failed.has(topic), topic);
  });

  it.each(["error dropped", "error dropped while it waits"])(
    "S3.15 fails a store that loses errors: %s",
    async (name) => {
      const { killedBy } = mutantOf(name);
      const { status } = await runRule(harnessOf(mutantOf(name)), ruleOf(killedBy), { livenessMs: 2000 });
      assert.equal(status, "failed");
    },
  );
});
