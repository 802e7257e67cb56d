import { describe, it } from "vitest";
import { casesOf } from "./cases.ts";
import type { StorageHarness } from "./harness.ts";
import type { RunOptions } from "./run-rule.ts";

/** A limit for Vitest beyond every limit of the kit's own, whose message says more. */
const TEST_TIMEOUT_MS = 600_000;

/**
 * Registers the contract's rules as Vitest tests: one for each rule, by topic, and one for each point of the
 * checklist of `getTask` and `reschedule`.
 */
export function testStorage<Config>(harness: StorageHarness<Config>, options: RunOptions = {}): void {
  const cases = casesOf(harness, options);
  describe(`${harness.name} keeps the storage contract`, () => {
    for (const group of new Set(cases.map((one) => one.group))) {
      describe(group, () => {
        for (const { name, run } of cases.filter((one) => one.group === group)) {
          it(name, { timeout: TEST_TIMEOUT_MS }, async (test) => {
            const instead = await run();
            if (instead !== null) await test.annotate(instead);
          });
        }
      });
    }
  });
}
