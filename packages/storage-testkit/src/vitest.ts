import { describe, it } from "vitest";
import { CHECKLIST } from "./checklist.ts";
import type { StorageHarness } from "./harness.ts";
import { RULES, TOPICS } from "./rules.ts";
import { type RunOptions, runCheck, runRule } from "./run-rule.ts";

/** A limit for Vitest beyond every limit of the kit's own, whose message says more. */
const TEST_TIMEOUT_MS = 600_000;

/**
 * Registers the contract's rules as Vitest tests: one for each rule, by topic, and one for each point of the
 * checklist of `getTask` and `reschedule`.
 */
export function testStorage(harness: StorageHarness, options: RunOptions = {}): void {
  describe(`${harness.name} keeps the storage contract`, () => {
    for (const topic of TOPICS) {
      describe(topic, () => {
        for (const rule of RULES.filter((candidate) => candidate.topic === topic)) {
          it(`${rule.id} · ${rule.statement}`, { timeout: TEST_TIMEOUT_MS }, async (test) => {
            const { status, reason } = await runRule(harness, rule, options);
            if (status === "failed")
              throw new Error(`${rule.id} does not hold for ${harness.name}: ${reason}`);
            if (status === "skipped") test.skip(reason ?? "");
          });
        }
      });
    }
    describe("checklist of getTask and reschedule (S4.6)", () => {
      for (const { point, name, checks } of CHECKLIST) {
        it(`${point}. ${name}`, { timeout: TEST_TIMEOUT_MS }, async () => {
          for (const check of checks) {
            const result = await runCheck(harness, check, options);
            if (result.status === "failed")
              throw new Error(`Point ${point} does not hold for ${harness.name}: ${result.reason}`);
          }
        });
      }
    });
  });
}
