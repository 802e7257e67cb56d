import assert from "node:assert/strict";
import { ruleOf, runRule } from "@omniq/storage-testkit";
import { describe, it } from "vitest";
import { BROKEN_STORES, harnessOf } from "./support/broken-stores.ts";

describe("each store that is broken behind its server is caught by its rule", () => {
  for (const { name, killedBy, reason } of BROKEN_STORES) {
    it(`${killedBy} catches "${name}"`, { timeout: 60_000 }, async () => {
      const result = await runRule(harnessOf(name), ruleOf(killedBy), { livenessMs: 2000 });
      assert.equal(result.status, "failed", `${killedBy} does not notice "${name}"`);
      assert.ok(result.reason?.includes(reason), `the reason should say "${reason}": ${result.reason}`);
    });
  }
});
