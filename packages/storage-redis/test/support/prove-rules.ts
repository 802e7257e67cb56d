import assert from "node:assert/strict";
import { type StorageHarness, ruleOf, runRule } from "@omniq/storage-testkit";
import { describe, it } from "vitest";

/** Some of the contract's rules, each of which must be proved: skipped or untested is not enough. */
export function proveRules<Config>(harness: StorageHarness<Config>, ids: readonly string[]): void {
  describe(`${harness.name} keeps the rules that could be otherwise there`, () => {
    for (const { id, statement } of ids.map(ruleOf)) {
      it(`${id} · ${statement}`, { timeout: 600_000 }, async () => {
        const { status, reason } = await runRule(harness, ruleOf(id));
        assert.equal(status, "passed", reason ?? "");
      });
    }
  });
}
