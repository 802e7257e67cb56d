import type { Rule, Topic } from "./rule.ts";
import { cancelRules } from "./topics/cancel.ts";
import { claimLimitRules } from "./topics/claim-limit.ts";
import { claimNeverRules } from "./topics/claim-never.ts";
import { claimOrderRules } from "./topics/claim-order.ts";
import { claimRecoveryRules } from "./topics/claim-recovery.ts";
import { claimRules } from "./topics/claim.ts";
import { dataRules } from "./topics/data.ts";
import { enqueueAgainRules } from "./topics/enqueue-again.ts";
import { enqueueGroupRules } from "./topics/enqueue-groups.ts";
import { enqueueIdRules } from "./topics/enqueue-ids.ts";
import { enqueueInvalidRules } from "./topics/enqueue-invalid.ts";
import { enqueueQueueRules } from "./topics/enqueue-queues.ts";
import { enqueueRules } from "./topics/enqueue.ts";
import { fencingRules } from "./topics/fencing.ts";
import { finishFinalRules } from "./topics/finish-final.ts";
import { finishRetryRules } from "./topics/finish-retry.ts";
import { finishRules } from "./topics/finish.ts";
import { getTaskRules } from "./topics/get-task.ts";
import { leaseBatchRules } from "./topics/lease-batch.ts";
import { leaseRaceRules } from "./topics/lease-race.ts";
import { leaseRenewRules } from "./topics/lease-renew.ts";
import { leaseTokenRules } from "./topics/lease-tokens.ts";
import { leaseVoidRules } from "./topics/lease-void.ts";
import { leaseRules } from "./topics/lease.ts";
import { listRules } from "./topics/list.ts";
import { recurringRules } from "./topics/recurring.ts";
import { rescheduleRunRules } from "./topics/reschedule-runs.ts";
import { rescheduleRules } from "./topics/reschedule.ts";
import { scheduleRules } from "./topics/schedule.ts";
import { transitionRules } from "./topics/transitions.ts";

/** The topics, in the order in which they are told. */
export const TOPICS: readonly Topic[] = [
  "enqueue",
  "claim",
  "lease",
  "finish",
  "getTask",
  "reschedule",
  "recurring",
  "data",
];

/** Every rule of the kit, by topic and number. */
export const RULES: readonly Rule[] = [
  ...cancelRules,
  ...claimLimitRules,
  ...claimNeverRules,
  ...claimOrderRules,
  ...claimRecoveryRules,
  ...claimRules,
  ...dataRules,
  ...enqueueAgainRules,
  ...enqueueGroupRules,
  ...enqueueIdRules,
  ...enqueueInvalidRules,
  ...enqueueQueueRules,
  ...enqueueRules,
  ...fencingRules,
  ...finishFinalRules,
  ...finishRetryRules,
  ...finishRules,
  ...getTaskRules,
  ...leaseBatchRules,
  ...leaseRaceRules,
  ...leaseRenewRules,
  ...leaseTokenRules,
  ...leaseVoidRules,
  ...leaseRules,
  ...listRules,
  ...recurringRules,
  ...rescheduleRunRules,
  ...rescheduleRules,
  ...scheduleRules,
  ...transitionRules,
].toSorted((a, b) => TOPICS.indexOf(a.topic) - TOPICS.indexOf(b.topic) || numberOf(a) - numberOf(b));

/** The rule of this id. @throws RangeError where the kit has none. */
export function ruleOf(id: string): Rule {
  const rule = RULES.find((candidate) => candidate.id === id);
  if (!rule) throw new RangeError(`The kit has no rule ${id}.`);
  return rule;
}

function numberOf({ id }: Rule): number {
  return Number(id.slice(id.indexOf("-") + 1));
}
