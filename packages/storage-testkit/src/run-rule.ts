import { systemClock } from "@omniq/core";
import { Untested, lacking } from "./doors.ts";
import type { StorageHarness } from "./harness.ts";
import { CAPABILITY_FACTS } from "./capabilities.ts";
import { type CapabilityFlag, type Check, type Rule, excludedBy } from "./rule.ts";
import { type Replay, RuleContext } from "./rule-context.ts";
import { within } from "./within.ts";

export type { Replay } from "./rule-context.ts";

/** How rules are run. */
export interface RunOptions {
  /** What random choices begin from. Default 1, so that every run is the same run. */
  readonly seed?: number;
  /** The one history of a model rule to run again, as its failure printed it; the seed must be the same. */
  readonly replay?: Replay;
  /**
   * How long setting up, a check, and cleaning up may each take before it counts as hung. No rule measures speed,
   * so the default, 120 s, is far beyond what a healthy store needs.
   */
  readonly limitMs?: number;
  /** How long to wait for what has to happen by itself, in another process or on a wire. Default 50 s. */
  readonly livenessMs?: number;
}

/** What became of one rule on one store. */
export interface RuleResult {
  readonly id: string;
  /**
   * `skipped`: the store does not declare a capability that every check of the rule needs, and what is promised instead
   * of that capability holds. `untested`: the harness lacks what a check needs to look at, so that nothing is known.
   */
  readonly status: "passed" | "failed" | "skipped" | "untested";
  /** The check that failed and what it observed, or why the rule was not run; null where it passed. */
  readonly reason: string | null;
  /** What is worth telling beside, such as how many states were tried. */
  readonly notes: readonly string[];
  readonly ms: number;
  readonly seed: number;
}

/** What became of one check. */
export type CheckResult =
  | { readonly status: "passed"; readonly notes: readonly string[] }
  | { readonly status: "skipped"; readonly flag: CapabilityFlag; readonly isDeclared: boolean }
  | { readonly status: "failed" | "untested"; readonly reason: string };

/** Runs the checks of a rule, each on a place of its own, up to the first that fails. Never rejects. */
export async function runRule(
  harness: StorageHarness,
  rule: Rule,
  options: RunOptions = {},
): Promise<RuleResult> {
  const { seed = 1 } = options;
  const start = systemClock.now();
  const result = (status: RuleResult["status"], reason: string | null): RuleResult => {
    return { id: rule.id, status, reason, notes, ms: systemClock.now() - start, seed };
  };
  const notes: string[] = [];
  let passed = 0;
  let untested: string | null = null;
  let skipped: { readonly flag: CapabilityFlag; readonly isDeclared: boolean } | null = null;
  for (const check of rule.checks) {
    const outcome = await runCheck(harness, check, options, rule.capability);
    if (outcome.status === "failed") return result("failed", outcome.reason);
    if (outcome.status === "untested") untested = outcome.reason;
    if (outcome.status === "skipped") skipped ??= outcome;
    if (outcome.status !== "passed") continue;
    passed++;
    notes.push(...outcome.notes);
  }
  if (untested !== null) return result("untested", untested);
  if (passed > 0) return result("passed", null);
  if (skipped === null) return result("failed", "the rule has no checks");
  const { flag, isDeclared } = skipped;
  if (isDeclared) return result("skipped", `${harness.name} declares ${flag}`);
  const { instead, negative } = CAPABILITY_FACTS[flag];
  const outcome = await runCheck(harness, { name: `without ${flag}, ${instead}`, run: negative }, options);
  if (outcome.status === "failed") return result("failed", outcome.reason);
  return result("skipped", `${harness.name} does not declare ${flag}; instead, ${instead}`);
}

/** Runs rule after rule. A rule that fails or hangs does not keep the next from running. */
export async function runRules(
  harness: StorageHarness,
  rules: readonly Rule[],
  options: RunOptions = {},
): Promise<RuleResult[]> {
  const results: RuleResult[] = [];
  for (const rule of rules) results.push(await runRule(harness, rule, options));
  return results;
}

/** Runs one check on a fresh place, which is removed whatever comes. Never rejects. */
export async function runCheck(
  harness: StorageHarness,
  check: Check,
  options: RunOptions = {},
  capability?: CapabilityFlag,
): Promise<CheckResult> {
  const { seed = 1, replay = null, limitMs = 120_000, livenessMs } = options;
  const problems: string[] = [];
  const attempt = async <T>(doing: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await within(limitMs, work, "still not done");
    } catch (error) {
      problems.push(`${doing}: ${textOf(error)}`);
      return undefined;
    }
  };
  const place = await attempt("set up", () => harness.setUp({ ownServer: check.door === "ownServer" }));
  if (!place) return failed(problems, seed);
  let result: CheckResult = { status: "passed", notes: [] };
  const context = await attempt(
    "connect",
    async () => new RuleContext(harness, place, { seed, replay, livenessMs }),
  );
  if (context) {
    await attempt(check.name, async () => {
      result = preliminary(harness, check, context, capability);
      if (result.status !== "passed") return;
      await context.tellTime();
      try {
        await check.run(context);
        result = { status: "passed", notes: context.notes };
      } catch (error) {
        if (!(error instanceof Untested)) throw error;
        result = { status: "untested", reason: error.message };
      }
    });
    await attempt("close", () => context.close());
  }
  await attempt("clean up", () => place.cleanUp());
  if (problems.length > 0) return failed(problems, seed);
  return result;
}

/** Whether a check can be run at all: `passed` if so. */
function preliminary(
  harness: StorageHarness,
  check: Check,
  context: RuleContext,
  capability?: CapabilityFlag,
): CheckResult {
  const flag = excludedBy(check, context.capabilities, capability);
  if (flag !== null) return { status: "skipped", flag, isDeclared: context.capabilities[flag] };
  const reason = check.door === undefined ? null : lacking(check.door, harness, context.place);
  return reason === null ? { status: "passed", notes: [] } : { status: "untested", reason };
}

function failed(problems: readonly string[], seed: number): CheckResult {
  return { status: "failed", reason: `${problems.join("; then ")} (seed ${seed})` };
}

/** Code under test may throw anything. */
function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `threw ${String(thrown)}, which is no Error`;
  return thrown.name === "AssertionError" ? thrown.message : `threw ${thrown.name}: ${thrown.message}`;
}
