export { type Case, casesOf } from "./cases.ts";
export { CHECKLIST, type ChecklistPoint } from "./checklist.ts";
export { type Door, Untested } from "./doors.ts";
export type {
  ClaimStep,
  ConnectOptions,
  Place,
  PlaceFiles,
  PlaceTransaction,
  PlaceFormat,
  PlaceNeeds,
  PlaceServer,
  StorageHarness,
} from "./harness.ts";
export type { CapabilityFlag, Check, Rule, RuleKind, RuleLevel, Topic } from "./rule.ts";
export { RuleContext } from "./rule-context.ts";
export { RULES, TOPICS, ruleOf } from "./rules.ts";
export {
  type CheckResult,
  type Replay,
  type RuleResult,
  type RunOptions,
  runCheck,
  runRule,
  runRules,
} from "./run-rule.ts";
export { summaryLine, toBadge, toJUnit, toMarkdown } from "./report/formats.ts";
export {
  type KitCounts,
  type KitOptions,
  type KitReport,
  type RuleReport,
  countsOf,
  isConforming,
  runKit,
} from "./report/kit-report.ts";
export { writeFixture } from "./topics/format.ts";
export { HarnessError, loadHarness } from "./report/load-harness.ts";
