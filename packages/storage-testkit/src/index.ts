export { CHECKLIST, type ChecklistPoint } from "./checklist.ts";
export type { ConnectOptions, Place, StorageHarness } from "./harness.ts";
export type { CapabilityFlag, Check, Rule, RuleKind, RuleLevel, Topic } from "./rule.ts";
export { RuleContext } from "./rule-context.ts";
export { RULES, TOPICS, ruleOf } from "./rules.ts";
export {
  type CheckResult,
  type RuleResult,
  type RunOptions,
  runCheck,
  runRule,
  runRules,
} from "./run-rule.ts";
