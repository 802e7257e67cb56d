import type { BaseStorage, ClaimedTask } from "@omniq/core/storage";
import { claimOne, retry, settled, started } from "../steps.ts";

/** Starts a task, has it fail once, and claims it again. */
export async function secondAttempt(store: BaseStorage): Promise<ClaimedTask> {
  await settled(store, await started(store), retry(0));
  return claimOne(store);
}
