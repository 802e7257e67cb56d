import type { Rule, Topic } from "./rule.ts";
import { cancelRules } from "./topics/cancel.ts";
import { claimRules } from "./topics/claim.ts";
import { claimLimitRules } from "./topics/claim-limit.ts";
import { claimNeverRules } from "./topics/claim-never.ts";
import { claimOrderRules } from "./topics/claim-order.ts";
import { claimRecoveryRules } from "./topics/claim-recovery.ts";
import { claimWorkRules } from "./topics/claim-work.ts";
import { dataRules } from "./topics/data.ts";
import { enqueueRules } from "./topics/enqueue.ts";
import { enqueueAgainRules } from "./topics/enqueue-again.ts";
import { enqueueGroupRules } from "./topics/enqueue-groups.ts";
import { enqueueIdRules } from "./topics/enqueue-ids.ts";
import { enqueueInvalidRules } from "./topics/enqueue-invalid.ts";
import { enqueueQueueRules } from "./topics/enqueue-queues.ts";
import { errorRules } from "./topics/errors.ts";
import { eventLevelRules } from "./topics/event-levels.ts";
import { eventRules } from "./topics/events.ts";
import { fencingRules } from "./topics/fencing.ts";
import { finishRules } from "./topics/finish.ts";
import { finishFinalRules } from "./topics/finish-final.ts";
import { finishRetryRules } from "./topics/finish-retry.ts";
import { getTaskRules } from "./topics/get-task.ts";
import { leaseRules } from "./topics/lease.ts";
import { leaseBatchRules } from "./topics/lease-batch.ts";
import { leaseRaceRules } from "./topics/lease-race.ts";
import { leaseRenewRules } from "./topics/lease-renew.ts";
import { leaseTokenRules } from "./topics/lease-tokens.ts";
import { leaseVoidRules } from "./topics/lease-void.ts";
import { lifecycleRules } from "./topics/lifecycle.ts";
import { limitRules } from "./topics/limits.ts";
import { listRules } from "./topics/list.ts";
import { queueRules } from "./topics/queues.ts";
import { recurringRules } from "./topics/recurring.ts";
import { rescheduleRules } from "./topics/reschedule.ts";
import { rescheduleRunRules } from "./topics/reschedule-runs.ts";
import { resultRules } from "./topics/results.ts";
import { resultExpiryRules } from "./topics/results-expiry.ts";
import { resultReuseRules } from "./topics/results-reuse.ts";
import { retentionRules } from "./topics/retention.ts";
import { scheduleRules } from "./topics/schedule.ts";
import { scheduleDueRules } from "./topics/schedule-due.ts";
import { timeRules } from "./topics/time.ts";
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
  "results",
  "events",
  "queues",
  "time",
  "data",
  "errors",
  "lifecycle",
];

/** Every rule of the kit, by topic and number. */
export const RULES: readonly Rule[] = [
  ...cancelRules,
  ...claimRules,
  ...claimLimitRules,
  ...claimNeverRules,
  ...claimOrderRules,
  ...claimRecoveryRules,
  ...claimWorkRules,
  ...dataRules,
  ...enqueueRules,
  ...enqueueAgainRules,
  ...enqueueGroupRules,
  ...enqueueIdRules,
  ...enqueueInvalidRules,
  ...enqueueQueueRules,
  ...errorRules,
  ...eventLevelRules,
  ...eventRules,
  ...fencingRules,
  ...finishRules,
  ...finishFinalRules,
  ...finishRetryRules,
  ...getTaskRules,
  ...leaseRules,
  ...leaseBatchRules,
  ...leaseRaceRules,
  ...leaseRenewRules,
  ...leaseTokenRules,
  ...leaseVoidRules,
  ...lifecycleRules,
  ...limitRules,
  ...listRules,
  ...queueRules,
  ...recurringRules,
  ...rescheduleRules,
  ...rescheduleRunRules,
  ...resultRules,
  ...resultExpiryRules,
  ...resultReuseRules,
  ...retentionRules,
  ...scheduleRules,
  ...scheduleDueRules,
  ...timeRules,
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
