import type { Capabilities } from "@omniq/core/storage";
import type { Door } from "./doors.ts";
import type { RuleContext } from "./rule-context.ts";

/** `required` of every store, `recommended`, or asked only of stores that declare a capability. */
export type RuleLevel = "required" | "recommended" | "capability";

/** How a rule is proved. */
export type RuleKind = "unit" | "clock" | "model" | "race" | "process" | "fault" | "audit";

/** The groups in which rules are told and run. */
export type Topic =
  | "enqueue"
  | "claim"
  | "lease"
  | "finish"
  | "getTask"
  | "reschedule"
  | "recurring"
  | "results"
  | "events"
  | "queues"
  | "time"
  | "data"
  | "errors"
  | "durability"
  | "capabilities"
  | "lifecycle";

/** The capabilities that a store has or has not. */
export type CapabilityFlag = {
  [Key in keyof Capabilities]: Capabilities[Key] extends boolean ? Key : never;
}[keyof Capabilities];

/** One test of a rule. It gets a fresh place, and throws what it observed where the rule does not hold. */
export interface Check {
  /** What holds, in a few words. */
  readonly name: string;
  /** Run only where the store declares all of this. Default: the rule's own capability, if it has one. */
  readonly needs?: CapabilityFlag | readonly CapabilityFlag[];
  /** Run only where the store does not declare this: what is promised instead. */
  readonly without?: CapabilityFlag;
  /** Run only where the harness has this; else the rule is untested. */
  readonly door?: Door;
  run(context: RuleContext): Promise<void>;
}

/** A rule of docs/contract.md, as data. */
export interface Rule {
  /** Such as `CLM-4`; never reused for another rule. */
  readonly id: string;
  readonly level: RuleLevel;
  readonly kinds: readonly RuleKind[];
  /** The version of the contract that brought it. */
  readonly since: string;
  readonly topic: Topic;
  /** The rule's sentence, exactly as docs/contract.md has it. */
  readonly statement: string;
  /** What goes wrong for users where it does not hold. */
  readonly why: string;
  /** What a store must declare for the rule to be asked of it. */
  readonly capability?: CapabilityFlag;
  readonly checks: readonly Check[];
}

/** Why a store with these capabilities is not asked for a check: the flag that decides it; null where it is asked. */
export function excludedBy(
  { needs, without }: Check,
  capabilities: Capabilities,
  capability?: CapabilityFlag,
): CapabilityFlag | null {
  if (without !== undefined && capabilities[without]) return without;
  const needed = needs ?? (without === undefined ? capability : undefined) ?? [];
  const flags: readonly CapabilityFlag[] = typeof needed === "string" ? [needed] : needed;
  return flags.find((flag) => !capabilities[flag]) ?? null;
}
