import assert from "node:assert/strict";
import { RULES, runRule } from "@omniq/storage-testkit";
import { describe, it } from "vitest";
import { harness } from "./support/cluster-harness.ts";

/**
 * Nodes of a cluster send clients past the kit's proxy. LIF-2 takes a store to be open within a few turns of the loop,
 * which one of a cluster is not.
 */
const NOT_OF_A_CLUSTER = ["ENQ-5", "CLM-8", "EVT-3", "ERR-2", "ERR-3", "ERR-4", "LIF-2"];

describe("a cluster of three masters keeps the storage contract", () => {
  for (const rule of RULES.filter(({ id }) => !NOT_OF_A_CLUSTER.includes(id))) {
    it(`${rule.id} · ${rule.statement}`, { timeout: 600_000 }, async () => {
      const { status, reason } = await runRule(harness, rule);
      assert.notEqual(status, "failed", String(reason));
    });
  }
});
