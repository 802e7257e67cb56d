import { AssertionError } from "node:assert/strict";
import { type Timer, systemClock } from "@omniq/core";
import type { StorageHarness } from "./harness.ts";
import { type CapabilityFlag, type Check, type Rule, applies } from "./rule.ts";
import { type Replay, RuleContext } from "./rule-context.ts";

export type { Replay } from "./rule-context.ts";

/** How rules are run. */
export interface RunOptions {
  /** What random choices begin from. Default 1, so that every run is the same run. */
  readonly seed?: number;
  /** The one history of a model rule to run again, as its failure printed it; the seed must be the same. */
  readonly replay?: Replay;
  /**
   * How long setting up, a check, and cleaning up may each take before it counts as hung. No rule measures speed,
   * so the default, 60 s, is far beyond what a healthy store needs.
   */
  readonly limitMs?: number;
}

/** What became of one rule on one store. */
export interface RuleResult {
  readonly id: string;
  /**
   * `skipped`: the store does not declare the capability that every check of the rule needs. `untested`: the harness
   * lacks what a check needs to look at, so that nothing is known.
   */
  readonly status: "passed" | "failed" | "skipped" | "untested";
  /** The check that failed and what it observed, or why the rule was not run; null where it passed. */
  readonly reason: string | null;
  readonly ms: number;
  readonly seed: number;
}

/** What became of one check. */
export type CheckResult =
  | { readonly status: "passed" | "skipped" }
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
    return { id: rule.id, status, reason, ms: systemClock.now() - start, seed };
  };
  let passed = 0;
  let untested: string | null = null;
  for (const check of rule.checks) {
    const outcome = await runCheck(harness, check, options, rule.capability);
    if (outcome.status === "failed") return result("failed", outcome.reason);
    if (outcome.status === "untested") untested = outcome.reason;
    if (outcome.status === "passed") passed++;
  }
  if (untested !== null) return result("untested", untested);
  if (passed > 0) return result("passed", null);
  return result("skipped", `${harness.name} does not declare ${rule.capability ?? "what its checks need"}`);
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
  const { seed = 1, replay = null, limitMs = 60_000 } = options;
  const problems: string[] = [];
  const attempt = async <T>(doing: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await within(limitMs, work);
    } catch (error) {
      problems.push(`${doing}: ${textOf(error)}`);
      return undefined;
    }
  };
  const place = await attempt("set up", () => harness.setUp());
  if (!place) return failed(problems, seed);
  let result: CheckResult = { status: "passed" };
  const context = await attempt("connect", async () => new RuleContext(harness, place, seed, replay));
  if (context) {
    await attempt(check.name, async () => {
      result = preliminary(harness, check, context, capability);
      if (result.status !== "passed") return;
      await context.tellTime();
      await check.run(context);
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
  if (!applies(check, context.capabilities, capability)) return { status: "skipped" };
  if (check.door === undefined || context.has(check.door)) return { status: "passed" };
  return { status: "untested", reason: `the harness of ${harness.name} has no ${check.door}()` };
}

function failed(problems: readonly string[], seed: number): CheckResult {
  return { status: "failed", reason: `${problems.join("; then ")} (seed ${seed})` };
}

async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: Timer | undefined;
  const overrun = new Promise<never>((_resolve, reject) => {
    timer = systemClock.setTimer(
      () => reject(new AssertionError({ message: `still not done after ${limitMs} ms` })),
      limitMs,
    );
  });
  try {
    return await Promise.race([work(), overrun]);
  } finally {
    timer?.cancel();
  }
}

/** Code under test may throw anything. */
function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `threw ${String(thrown)}, which is no Error`;
  return thrown.name === "AssertionError" ? thrown.message : `threw ${thrown.name}: ${thrown.message}`;
}
