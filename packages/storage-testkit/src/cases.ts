import { CHECKLIST } from "./checklist.ts";
import type { StorageHarness } from "./harness.ts";
import { RULES, TOPICS } from "./rules.ts";
import { type RunOptions, runCheck, runRule } from "./run-rule.ts";

/** One test, for a runner of any kind. */
export interface Case {
  /** The topic, or the checklist. */
  readonly group: string;
  readonly name: string;
  /**
   * Resolves to null where the rule holds; or, where the store does not declare the capability that the rule is about,
   * to what was found to hold instead. Rejects with what was observed where the rule does not hold, and with what the
   * harness lacks where it cannot be known.
   */
  readonly run: () => Promise<string | null>;
}

/** The contract's rules, by topic, and the points of the checklist of getTask and reschedule, as tests. */
export function casesOf(harness: StorageHarness, options: RunOptions = {}): readonly Case[] {
  const rules = TOPICS.flatMap((topic) => RULES.filter((rule) => rule.topic === topic)).map((rule): Case => ({
    group: rule.topic,
    name: `${rule.id} · ${rule.statement}`,
    async run() {
      const { status, reason } = await runRule(harness, rule, options);
      if (status === "failed") throw new Error(`${rule.id} does not hold for ${harness.name}: ${reason}`);
      if (status === "untested") throw new Error(`${rule.id} is untested on ${harness.name}: ${reason}`);
      return reason;
    },
  }));
  const points = CHECKLIST.map(({ point, name, checks }): Case => ({
    group: "checklist of getTask and reschedule (S4.6)",
    name: `${point}. ${name}`,
    async run() {
      for (const check of checks) {
        const result = await runCheck(harness, check, options);
        if (result.status === "failed")
          throw new Error(`Point ${point} does not hold for ${harness.name}: ${result.reason}`);
      }
      return null;
    },
  }));
  return [...rules, ...points];
}
