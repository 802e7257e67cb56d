import { CONTRACT_VERSION, packageVersion } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import type { StorageHarness } from "../harness.ts";
import type { Rule, RuleLevel, Topic } from "../rule.ts";
import { RULES } from "../rules.ts";
import { LIVENESS_MS, within } from "../within.ts";
import { type RuleResult, type RunOptions, runRule } from "../run-rule.ts";

/** What became of one rule. */
export interface RuleReport {
  readonly id: string;
  readonly topic: Topic;
  readonly level: RuleLevel;
  readonly status: RuleResult["status"];
  /** What was observed where the rule does not hold, or why it was not run; null where it passed. */
  readonly reason: string | null;
  /** What is worth telling beside, such as how many crash states were tried. */
  readonly notes: readonly string[];
  readonly ms: number;
}

/** What became of all rules on one adapter. */
export interface KitReport {
  readonly adapter: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: number;
  /** The settings that durability rests on, read back from the live store. */
  readonly durability: Readonly<Record<string, string>>;
  readonly rules: readonly RuleReport[];
}

/** How many rules came to what. */
export interface KitCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly untested: number;
}

/** How to run the kit as a whole. */
export interface KitOptions extends RunOptions {
  /** Default: every rule. */
  readonly rules?: readonly Rule[];
  /** Told of each rule as soon as it has run. */
  readonly onRule?: (report: RuleReport) => void;
}

/** Runs the kit on an adapter. Never rejects for what the adapter does; a store that cannot say what it is has no facts. */
export async function runKit(harness: StorageHarness, options: KitOptions = {}): Promise<KitReport> {
  const { rules = RULES, onRule, ...run } = options;
  const facts = await factsOf(harness, run.limitMs ?? LIVENESS_MS);
  const reports: RuleReport[] = [];
  for (const rule of rules) {
    const { status, reason, notes, ms } = await runRule(harness, rule, run);
    const report = { id: rule.id, topic: rule.topic, level: rule.level, status, reason, notes, ms };
    reports.push(report);
    onRule?.(report);
  }
  return {
    adapter: harness.name,
    versions: {
      ...facts.versions,
      contract: CONTRACT_VERSION,
      kit: packageVersion(new URL("..", import.meta.url).href),
      node: process.version,
    },
    seed: run.seed ?? 1,
    durability: facts.durability,
    rules: reports,
  };
}

export function countsOf({ rules }: KitReport): KitCounts {
  const of = (status: RuleReport["status"]): number => rules.filter((rule) => rule.status === status).length;
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped"), untested: of("untested") };
}

/** Whether the adapter may say that it keeps the contract: no rule failed, and no required one is untested. */
export function isConforming({ rules }: KitReport): boolean {
  return rules.every(
    ({ status, level }) => status !== "failed" && !(status === "untested" && level === "required"),
  );
}

interface Facts {
  readonly versions: Readonly<Record<string, string>>;
  readonly durability: Readonly<Record<string, string>>;
}

/** What the live store says of itself. What is wrong with it, the rules say better. */
async function factsOf(harness: StorageHarness, limitMs: number): Promise<Facts> {
  const read = async (): Promise<Facts> => {
    const place = await harness.setUp({ ownServer: false });
    try {
      const store = harness.connect(place.config, { clock: new ManualClock() });
      const { adapterVersion, versions, durability } = await store.describe();
      await store.close();
      return { versions: { adapter: adapterVersion, ...versions }, durability };
    } finally {
      await place.cleanUp();
    }
  };
  try {
    return await within(limitMs, read, "the store has not said what it is");
  } catch {
    return { versions: {}, durability: {} };
  }
}
