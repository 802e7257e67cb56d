import type { Outcome } from "../model/settlement.ts";
import type { SettleAnswer } from "../storage/params.ts";
import type { Execution } from "./execution.ts";

/** Records how a run ended. Payloads and results are never logged. */
export function logSettled(execution: Execution, outcome: Outcome): void {
  switch (outcome.kind) {
    case "complete":
      execution.log("debug", "Task completed");
      break;
    case "release":
      execution.log("debug", "Task released", { reason: outcome.reason });
      break;
    default: {
      const { error } = outcome;
      const willRetry = outcome.kind === "retry";
      const facts = {
        error_type: error.errorType,
        retry_count: error.retryCount,
        is_retryable: error.isRetryable,
        will_retry: willRetry,
      };
      if (willRetry) execution.log("warn", `Task failed and will be retried: ${error.message}`, facts);
      else execution.log("error", `Task failed: ${error.message}`, facts);
    }
  }
}

/** Records that the store refused an outcome. A task that is gone, or was settled before, needs no word. */
export function logUnsettled(
  execution: Execution,
  answer: Exclude<SettleAnswer, { status: "settled" }>,
): void {
  switch (answer.status) {
    case "lost":
      execution.log("warn", `Lease lost (${answer.reason}); the outcome was refused`, {
        reason: answer.reason,
      });
      break;
    case "conflict":
    case "outdated":
      execution.log("warn", `The outcome was refused (${answer.status})`, { reason: answer.status });
      break;
    case "error":
      execution.log("error", `The outcome could not be stored: ${answer.error.message}`, {
        error: answer.error,
      });
      break;
    default:
  }
}
