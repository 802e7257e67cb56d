import { OmniQError } from "../errors/omniq-error.ts";

/** Why a result will not come. */
export type ResultAbsence = "cancelled" | "expired" | "removed" | "not_kept";

const WHY: Readonly<Record<ResultAbsence, string>> = {
  cancelled: "the task was cancelled",
  expired: "its time to live is over",
  removed: "there is no such task, or it was removed",
  not_kept: 'the task keeps no results. Enqueue it with keep: "all" or "result", and a resultTtl above 0',
};

/** A result that is waited for will not come. Codes: `result_cancelled`, `result_expired`, `result_removed`, `result_not_kept`. */
export class ResultUnavailableError extends OmniQError {
  readonly taskId: string;
  readonly reason: ResultAbsence;

  constructor(taskId: string, reason: ResultAbsence) {
    super(`result_${reason}`, `Task ${taskId} has no result to wait for: ${WHY[reason]}`);
    this.taskId = taskId;
    this.reason = reason;
  }
}

/** The task had not ended when the wait was over. It goes on. Code `wait_timeout`. */
export class WaitTimeoutError extends OmniQError {
  readonly taskId: string;
  readonly timeoutMs: number;

  constructor(taskId: string, timeoutMs: number) {
    super(
      "wait_timeout",
      `Task ${taskId} had not ended after ${timeoutMs} ms; it goes on. Is a worker running?`,
    );
    this.taskId = taskId;
    this.timeoutMs = timeoutMs;
  }
}
