import type { Task } from "../model/task.ts";
import type { TaskResult } from "../model/task-result.ts";
import { type Clock, sleep } from "../ports/clock.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import { type ResultAbsence, ResultUnavailableError, WaitTimeoutError } from "./result-errors.ts";

const MIN_PAUSE_MS = 5;
const MAX_PAUSE_MS = 500;

/**
 * Waits for the run that is current now to end, at most `timeoutMs`. A failure that is retried does not end it;
 * a recurring task's next run is another one. An end that this process brings about is known at once; what another one
 * does is looked up, with growing pauses.
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
  const giveUpAt = clock.now() + timeoutMs;
  let run = wantedRun;
  for (let pause = MIN_PAUSE_MS; ; pause = Math.min(pause * 1.5, MAX_PAUSE_MS)) {
    const changed = new AbortController();
    // Before the look, so that no change falls between.
    const forget = storage.whenChanged(taskId, () => changed.abort());
    try {
      const task = await storage.getTask(taskId);
      run ??= task?.run;
      if (task && (task.keep === "none" || task.resultTtlMs === 0)) {
        throw new ResultUnavailableError(taskId, "not_kept");
      }
      if (!task || mayHaveEnded(task, run)) {
        const result = await storage.getResult(taskId, run === undefined ? {} : { run });
        if (result) return result;
        const absence = whyAbsent(task, run);
        if (absence) throw new ResultUnavailableError(taskId, absence);
      }
      const left = giveUpAt - clock.now();
      if (left <= 0) throw new WaitTimeoutError(taskId, timeoutMs);
      await sleep(clock, Math.min(pause, left), changed.signal);
    } finally {
      forget();
    }
  }
}

function mayHaveEnded(task: Task, run: number | undefined): boolean {
  return task.run !== run || task.status !== "PENDING";
}

/** Why a run that has no result will not have one; null while it may still come. */
function whyAbsent(task: Task | null, run: number | undefined): ResultAbsence | null {
  if (!task) return "removed";
  if (task.status === "CANCELLED") return "cancelled";
  const isOver = task.run > (run ?? 0) || (task.run === run && task.status !== "RUNNING");
  return isOver ? "expired" : null;
}
