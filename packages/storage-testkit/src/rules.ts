import type { Rule, Topic } from "./rule.ts";
import { cancelRules } from "./topics/cancel.ts";
import { capabilityRules } from "./topics/capabilities.ts";
import { claimLimitRules } from "./topics/claim-limit.ts";
import { claimNeverRules } from "./topics/claim-never.ts";
import { claimOrderRules } from "./topics/claim-order.ts";
import { claimRecoveryRules } from "./topics/claim-recovery.ts";
import { claimWorkRules } from "./topics/claim-work.ts";
import { claimRules } from "./topics/claim.ts";
import { corruptRules } from "./topics/corrupt.ts";
import { dataRules } from "./topics/data.ts";
import { durabilityRules } from "./topics/durability.ts";
import { enqueueAgainRules } from "./topics/enqueue-again.ts";
import { enqueueGroupRules } from "./topics/enqueue-groups.ts";
import { enqueueIdRules } from "./topics/enqueue-ids.ts";
import { enqueueInvalidRules } from "./topics/enqueue-invalid.ts";
import { enqueueQueueRules } from "./topics/enqueue-queues.ts";
import { enqueueRules } from "./topics/enqueue.ts";
import { errorRules } from "./topics/errors.ts";
import { eventLevelRules } from "./topics/event-levels.ts";
import { eventRules } from "./topics/events.ts";
import { fencingRules } from "./topics/fencing.ts";
import { finishFinalRules } from "./topics/finish-final.ts";
import { finishRetryRules } from "./topics/finish-retry.ts";
import { finishRules } from "./topics/finish.ts";
import { formatRules } from "./topics/format.ts";
import { getTaskRules } from "./topics/get-task.ts";
import { transactionRules } from "./topics/transactions.ts";
import { hintRules } from "./topics/hints.ts";
import { leaseBatchRules } from "./topics/lease-batch.ts";
import { leaseRaceRules } from "./topics/lease-race.ts";
import { leaseRenewRules } from "./topics/lease-renew.ts";
import { leaseTokenRules } from "./topics/lease-tokens.ts";
import { leaseVoidRules } from "./topics/lease-void.ts";
import { leaseRules } from "./topics/lease.ts";
import { lifecycleProcessRules } from "./topics/lifecycle-processes.ts";
import { lifecycleRules } from "./topics/lifecycle.ts";
import { limitRules } from "./topics/limits.ts";
import { linearizableRules } from "./topics/linearizable.ts";
import { listRules } from "./topics/list.ts";
import { lostReplyRules } from "./topics/lost-replies.ts";
import { outageRules } from "./topics/outages.ts";
import { queueRules } from "./topics/queues.ts";
import { recurringRules } from "./topics/recurring.ts";
import { rescheduleRaceRules } from "./topics/reschedule-race.ts";
import { rescheduleRunRules } from "./topics/reschedule-runs.ts";
import { rescheduleRules } from "./topics/reschedule.ts";
import { resultExpiryRules } from "./topics/results-expiry.ts";
import { resultReuseRules } from "./topics/results-reuse.ts";
import { resultRules } from "./topics/results.ts";
import { retentionRules } from "./topics/retention.ts";
import { scheduleDueRules } from "./topics/schedule-due.ts";
import { scheduleRaceRules } from "./topics/schedule-race.ts";
import { scheduleRules } from "./topics/schedule.ts";
import { secretRules } from "./topics/secrets.ts";
import { skewRules } from "./topics/skew.ts";
import { timeRules } from "./topics/time.ts";
import { transitionRules } from "./topics/transitions.ts";
import { zombieRules } from "./topics/zombies.ts";

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
  "durability",
  "errors",
  "lifecycle",
  "capabilities",
];

/** Every rule of the kit, by topic and number. */
export const RULES: readonly Rule[] = [
  ...cancelRules,
  ...capabilityRules,
  ...claimLimitRules,
  ...claimNeverRules,
  ...claimOrderRules,
  ...claimRecoveryRules,
  ...claimRules,
  ...claimWorkRules,
  ...corruptRules,
  ...dataRules,
  ...durabilityRules,
  ...enqueueAgainRules,
  ...enqueueGroupRules,
  ...enqueueIdRules,
  ...enqueueInvalidRules,
  ...enqueueQueueRules,
  ...enqueueRules,
  ...errorRules,
  ...eventLevelRules,
  ...eventRules,
  ...fencingRules,
  ...finishFinalRules,
  ...finishRetryRules,
  ...finishRules,
  ...formatRules,
  ...getTaskRules,
  ...transactionRules,
  ...hintRules,
  ...leaseBatchRules,
  ...leaseRaceRules,
  ...leaseRenewRules,
  ...leaseRules,
  ...leaseTokenRules,
  ...leaseVoidRules,
  ...lifecycleProcessRules,
  ...lifecycleRules,
  ...limitRules,
  ...linearizableRules,
  ...listRules,
  ...lostReplyRules,
  ...outageRules,
  ...queueRules,
  ...recurringRules,
  ...rescheduleRaceRules,
  ...rescheduleRules,
  ...rescheduleRunRules,
  ...resultExpiryRules,
  ...resultReuseRules,
  ...resultRules,
  ...retentionRules,
  ...scheduleDueRules,
  ...scheduleRaceRules,
  ...scheduleRules,
  ...secretRules,
  ...skewRules,
  ...timeRules,
  ...transitionRules,
  ...zombieRules,
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
