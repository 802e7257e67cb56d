import {
  CHECKLIST,
  type Check,
  type CheckResult,
  RULES,
  type Rule,
  type StorageHarness,
  runCheck,
} from "@omniq/storage-testkit";
import { describe, expect, it } from "vitest";
import { harness as memory } from "./harness-memory.ts";
import { harness as sqlite } from "./harness.ts";
import { HOOKS_ARE_ELSEWHERE } from "./support/promising.ts";

/** The checks that put something in front of a hook of the store, by rule. Each must fail for that reason, and no other. */
const THROUGH_HOOKS: Readonly<Record<string, readonly string[]>> = {
  "ENQ-2": ["an id left out is minted before the store is asked"],
  "ENQ-7": [
    "invalid fields are refused before the store is asked",
    "values that JSON cannot hold are refused with the path to them",
  ],
  "FIN-8": ["histories in which answers are lost after the store has acted"],
  "SCH-3": ["the schedule changes between the decision and the write"],
  "EVT-2": [
    "a worker that hears nothing finds tasks that another instance has enqueued",
    "a worker that hears nothing finds tasks that nobody announces",
  ],
  "ERR-1": ["whatever a hook throws comes out as a StorageError with it as the cause"],
  "LIF-2": ["close waits for the calls under way, which end as if nothing had happened"],
};

/** How an adapter lays out and writes its files, and how it plans a claim, is the same whoever calls: its own suite proves it. */
const ADAPTERS_OWN = ["CLM-11", "CLM-12", "DAT-5", "DUR-3", "DUR-4", "DUR-5"];

describe.each([memory, sqlite] satisfies readonly StorageHarness<string>[])(
  "S2.4 S2.1 S2.2 S2.3 $name keeps the storage contract",
  (harness) => {
    const checks = RULES.flatMap((rule) => rule.checks.map((check) => ({ rule, check })));
    it.each(checks.filter(({ rule, check }) => !isThroughHooks(rule, check)))(
      "$rule.id · $check.name",
      { timeout: 300_000 },
      async ({ rule, check }) => {
        expect(problemOf(await runCheck(harness, check, {}, rule.capability), rule)).toBeNull();
      },
    );

    it.each(checks.filter(({ rule, check }) => isThroughHooks(rule, check)))(
      "$rule.id · cannot be asked: $check.name",
      async ({ rule, check }) => {
        expect(problemOf(await runCheck(harness, check, {}, rule.capability), rule)).toContain(
          HOOKS_ARE_ELSEWHERE,
        );
      },
    );

    it.each(CHECKLIST)(
      "S4.6 checklist of getTask and reschedule: $point. $name",
      async ({ checks: points }) => {
        const problems = await Promise.all(
          points.map(async (check) => problemOf(await runCheck(harness, check))),
        );
        expect(
          problems.filter((problem) => problem !== null && !problem.includes(HOOKS_ARE_ELSEWHERE)),
        ).toEqual([]);
      },
    );
  },
);

/** What was observed where a check does not hold; null where it does, or where only the adapter's own suite can look. */
function problemOf(result: CheckResult, rule?: Rule): string | null {
  if (result.status === "failed") return result.reason;
  if (result.status !== "untested") return null;
  return rule && ADAPTERS_OWN.includes(rule.id) ? null : `untested: ${result.reason}`;
}

function isThroughHooks({ id }: Rule, { name }: Check): boolean {
  return THROUGH_HOOKS[id]?.includes(name) ?? false;
}
