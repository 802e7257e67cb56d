import type { TaskResult } from "../model/task-result.ts";
import { type Clock, sleep } from "../ports/clock.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import { ResultUnavailableError, WaitTimeoutError } from "./result-errors.ts";

const MIN_PAUSE_MS = 5;
const MAX_PAUSE_MS = 250;

/**
 * Waits for the run that is current now to end, at most `timeoutMs`. A failure that is retried does not end it;
 * a recurring task's next run is another one.
 *
 * @throws WaitTimeoutError, ResultUnavailableError
 */
export async function waitForResult(
  storage: BaseStorage,
  clock: Clock,
  taskId: string,
  timeoutMs: number,
  wantedRun?: number,
): Promise<TaskResult> {
  const first = await storage.getTask(taskId);
  const run = wantedRun ?? first?.run;
  if (first && (first.keep === "none" || first.resultTtlMs === 0))
    throw new ResultUnavailableError(taskId, "not_kept");
  const giveUpAt = clock.now() + timeoutMs;
  for (let pause = MIN_PAUSE_MS; ; pause = Math.min(pause * 1.5, MAX_PAUSE_MS)) {
    const task = await storage.getTask(taskId);
    if (!task || task.run !== run || task.status !== "PENDING") {
      const result = await storage.getResult(taskId, run === undefined ? {} : { run });
      if (result) return result;
      if (!task) throw new ResultUnavailableError(taskId, "removed");
      if (task.run === run && task.status === "CANCELLED")
        throw new ResultUnavailableError(taskId, "cancelled");
      if (task.run !== run || task.status !== "RUNNING") throw new ResultUnavailableError(taskId, "expired");
    }
    const left = giveUpAt - clock.now();
    if (left <= 0) throw new WaitTimeoutError(taskId, timeoutMs);
    await sleep(clock, Math.min(pause, left));
  }
}
