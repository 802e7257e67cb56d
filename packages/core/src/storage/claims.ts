import { decodePolicies } from "../model/record-codec.ts";
import { DEFAULT_POLICIES } from "../model/task-policies.ts";
import type { StoredTask } from "../model/task-record.ts";
import type { DequeueHookResult } from "./hooks.ts";
import type { ClaimedTask } from "./params.ts";

/** Parts what a claim returned into tasks to hand out and tasks that have used up their recoveries. */
export function claimedTasks(answer: DequeueHookResult): {
  readonly handOut: readonly ClaimedTask[];
  readonly exhausted: readonly ClaimedTask[];
} {
  const handOut: ClaimedTask[] = [];
  const exhausted: ClaimedTask[] = [];
  for (const stored of answer.recovered) {
    (stored.recoveries > maxRecoveries(stored) ? exhausted : handOut).push(claimed(stored, true));
  }
  for (const stored of answer.claimed) handOut.push(claimed(stored, false));
  return { handOut, exhausted };
}

function claimed(stored: StoredTask, recovered: boolean): ClaimedTask {
  return { record: stored, lease: { taskId: stored.id, token: stored.token as string }, recovered };
}

/** A record whose policies cannot be read must not take the rest of the batch with it. */
function maxRecoveries(stored: StoredTask): number {
  try {
    return decodePolicies(stored).maxRecoveries;
  } catch {
    return DEFAULT_POLICIES.maxRecoveries;
  }
}
