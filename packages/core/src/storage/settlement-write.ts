import { CorruptRecordError } from "../errors/storage-error.ts";
import { ErrorType, TaskError } from "../errors/task-error.ts";
import { OmniQError, isA } from "../errors/omniq-error.ts";
import { encodeError } from "../model/record-codec.ts";
import {
  type EncodedOutcome,
  type Outcome,
  type SettlementPlan,
  event,
  planSettlement,
  stateOf,
} from "../model/settlement.ts";
import { type EventLevel, isRecorded } from "../model/task-event.ts";
import type { TaskRecord } from "../model/task-record.ts";
import type { TaskInsert, TaskWrite } from "../model/task-write.ts";
import type { Serializer } from "../ports/serializer.ts";
import { checkObject, checkOneOf } from "./checks.ts";
import { contentDigest } from "./content-digest.ts";
import type { Lease } from "./params.ts";
import { checkDue, encodeValue } from "./prepare-task.ts";

/** What {@link settlementWrite} needs to know of the store. */
export interface SettlementContext {
  readonly serializer: Serializer;
  readonly maxPayloadBytes: number;
  readonly eventLevel: EventLevel;
  /** The store's now, as far as it is known here. */
  readonly now: number;
}

/** A settlement ready to be written, and the outcome that it records. */
export interface SettlementWrite {
  readonly write: TaskWrite;
  readonly outcomeDigest: string;
  readonly outcome: Outcome;
}

/**
 * Turns an outcome into the one write that records it.
 *
 * A result that cannot be stored, and a record whose schedule cannot be read, end the run as a final failure:
 * the lease is never left to lapse for them.
 */
export function settlementWrite(
  task: TaskRecord,
  lease: Lease,
  wanted: Outcome,
  enqueue: readonly TaskInsert[],
  context: SettlementContext,
): SettlementWrite {
  const { outcome, encoded } = encodeOutcome(task, wanted, context);
  const outcomeDigest = digestOf(encoded);
  const { plan, recorded } = planOrQuarantine(task, outcome, encoded, context.now);
  return {
    outcome: recorded,
    outcomeDigest,
    write: {
      id: lease.taskId,
      guard: { token: lease.token, scheduleVersion: task.scheduleVersion, outcomeDigest },
      state: plan.state,
      due: plan.due,
      keepsLease: false,
      definition: null,
      result: plan.result,
      dropResults: null,
      events: isRecorded(plan.event.type, context.eventLevel) ? [plan.event] : [],
      enqueue,
    },
  };
}

function encodeOutcome(
  task: TaskRecord,
  outcome: Outcome,
  context: SettlementContext,
): { outcome: Outcome; encoded: EncodedOutcome } {
  checkObject(outcome, "outcome");
  checkOneOf(outcome.kind, "outcome.kind", ["complete", "fail", "retry", "release"]);
  if (outcome.kind !== "complete") {
    if (outcome.kind !== "fail" && outcome.due) checkDue(outcome.due);
    return { outcome, encoded: outcome };
  }
  try {
    const value = encodeValue(context.serializer, outcome.result, "result", context.maxPayloadBytes);
    return { outcome, encoded: { kind: "complete", value, format: context.serializer.format } };
  } catch (thrown) {
    const failed = finalFailure(task, thrown, ErrorType.VALIDATION, context.now);
    return { outcome: failed, encoded: failed };
  }
}

function planOrQuarantine(
  task: TaskRecord,
  outcome: Outcome,
  encoded: EncodedOutcome,
  now: number,
): { plan: SettlementPlan; recorded: Outcome } {
  try {
    return { plan: planSettlement(task, encoded, now), recorded: outcome };
  } catch (thrown) {
    if (!(thrown instanceof CorruptRecordError)) throw thrown;
    const recorded = finalFailure(task, thrown, ErrorType.SYSTEM, now);
    const error = encodeError(recorded.error);
    const state = { ...stateOf(task), status: "FAILED" as const, failures: task.failures + 1, error };
    return { plan: { state, due: null, result: null, event: event(task, "failed", null) }, recorded };
  }
}

function finalFailure(
  task: TaskRecord,
  thrown: unknown,
  errorType: string,
  now: number,
): { readonly kind: "fail"; readonly error: TaskError } {
  const error = TaskError.fromException(thrown, {
    errorType,
    isRetryable: false,
    retryCount: task.failures,
    timestamp: new Date(now),
    ...(isA(thrown, OmniQError) && { context: { code: thrown.code } }),
  });
  return { kind: "fail", error };
}

/** What a repeated settlement must share with the first. Instants and stacks differ between tries, so they do not count. */
function digestOf(outcome: EncodedOutcome): string {
  switch (outcome.kind) {
    case "complete":
      return contentDigest(`complete ${outcome.value}`);
    case "fail":
    case "retry":
      return contentDigest(`${outcome.kind} ${outcome.error.errorType} ${outcome.error.message}`);
    case "release":
      return contentDigest(`release ${outcome.reason ?? ""}`);
  }
}
