import { describe, it } from "node:test";
import { casesOf } from "./cases.ts";
import type { StorageHarness } from "./harness.ts";
import type { RunOptions } from "./run-rule.ts";

/** Registers the contract's rules as tests of Node's own runner. */
export function testStorage<Config>(harness: StorageHarness<Config>, options: RunOptions = {}): void {
  void describe(`${harness.name} keeps the storage contract`, () => {
    for (const { name, run } of casesOf(harness, options)) {
      void it(name, async (test) => {
        const instead = await run();
        if (instead !== null) test.diagnostic(instead);
      });
    }
  });
}
