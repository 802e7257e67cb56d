import assert from "node:assert/strict";
import { JsonSerializer, TaskError } from "@omniq/core";
import type { TaskRecord } from "@omniq/core/storage";
import { describe, it } from "vitest";
import type { Outcome } from "../src/model/settlement.ts";
import type { SettlementWrite } from "../src/storage/settlement-write.ts";
import { type SettlementContext, settlementWrite } from "../src/storage/settlement-write.ts";
import { NOW, taskRecord } from "./support/records.ts";

const context: SettlementContext = {
  serializer: new JsonSerializer(),
  maxPayloadBytes: 100,
  eventLevel: "all",
  now: NOW,
};
const lease = { taskId: "task-1", token: "5" };

function write(
  outcome: Outcome,
  task: Partial<TaskRecord> = {},
  more: Partial<SettlementContext> = {},
): SettlementWrite {
  return settlementWrite(taskRecord(task), lease, outcome, [], { ...context, ...more });
}

function failed(message: string, timestamp = new Date(NOW)): Outcome {
  return { kind: "fail", error: new TaskError({ errorType: "network", message, timestamp }) };
}

/** The error that a final failure records. */
function errorOf({ outcome }: SettlementWrite): TaskError {
  assert.equal(outcome.kind, "fail");
  return (outcome as { readonly error: TaskError }).error;
}

describe("a settlement as one write", () => {
  it("is guarded by the lease's token and the schedule that it was computed from", () => {
    const settled = write({ kind: "complete", result: { sum: 3 } }, { scheduleVersion: 4 });
    assert.deepEqual(settled.write.guard, {
      token: "5",
      scheduleVersion: 4,
      outcomeDigest: settled.outcomeDigest,
    });
    assert.equal(settled.write.result?.value, '{"sum":3}');
    assert.equal(settled.write.keepsLease, false);
    assert.deepEqual(settled.outcome, { kind: "complete", result: { sum: 3 } });
  });

  it("writes its event only where the level keeps it", () => {
    const types = (outcome: Outcome, eventLevel: "all" | "errors" | "off"): readonly string[] =>
      write(outcome, {}, { eventLevel }).write.events.map(({ type }) => type);
    assert.deepEqual(types({ kind: "complete" }, "all"), ["completed"]);
    assert.deepEqual(types({ kind: "complete" }, "errors"), []);
    assert.deepEqual(types(failed("x"), "errors"), ["failed"]);
    assert.deepEqual(types(failed("x"), "off"), []);
  });

  it.each<[code: string, outcome: unknown]>([
    ["invalid_outcome", null],
    ["invalid_outcome", "complete"],
    ["invalid_outcome_kind", { kind: "done" }],
    [
      "invalid_delay",
      { kind: "retry", error: new TaskError({ errorType: "x", message: "x" }), due: { inMs: -1 } },
    ],
    ["invalid_eta", { kind: "release", due: { at: Number.NaN } }],
  ])("is refused as %s", (code, outcome) => {
    assert.throws(() => write(outcome as Outcome), { name: "ValidationError", code });
  });
});

describe("the digest of an outcome", () => {
  const digest = (outcome: Outcome): string => write(outcome).outcomeDigest;
  const later = new Date(NOW + 1);

  it("is the same for what is the same, whenever it happened", () => {
    assert.equal(digest({ kind: "complete" }), digest({ kind: "complete", result: null }));
    assert.equal(digest({ kind: "complete", result: [1] }), digest({ kind: "complete", result: [1] }));
    assert.equal(digest(failed("x")), digest(failed("x", later)));
    assert.equal(digest({ kind: "release" }), digest({ kind: "release", due: { inMs: 5 } }));
  });

  it("tells all others apart", () => {
    const error = new TaskError({ errorType: "network", message: "x" });
    const digests = [
      digest({ kind: "complete" }),
      digest({ kind: "complete", result: 1 }),
      digest(failed("x")),
      digest(failed("y")),
      digest({ kind: "fail", error: error.with({ errorType: "timeout" }) }),
      digest({ kind: "retry", error, due: { inMs: 5 } }),
      digest({ kind: "release" }),
      digest({ kind: "release", reason: "shutdown" }),
    ];
    assert.equal(new Set(digests).size, digests.length);
  });
});

describe("a result that cannot be stored", () => {
  it.each<[what: string, result: unknown, code: string, message: RegExp]>([
    [
      "JSON cannot hold it",
      { items: [{ at: new Date(0) }] },
      "not_serializable",
      /^result\.items\[0\]\.at is a Date/,
    ],
    ["it is too large", "x".repeat(200), "result_too_large", /^202 bytes of result/],
  ])("because %s ends the run as a final failure that says so", (_what, result, code, message) => {
    const settled = write({ kind: "complete", result }, { failures: 1, maxRetries: 5 });
    const error = errorOf(settled);
    assert.deepEqual([error.errorType, error.isRetryable, error.retryCount], ["validation", false, 1]);
    assert.match(error.message, message);
    assert.deepEqual(error.context, { code });
    assert.equal(settled.write.state?.status, "FAILED");
    assert.equal(settled.write.result?.status, "FAILED");
  });
});

describe("a record whose schedule or policies cannot be read", () => {
  it.each<[column: "schedule" | "policies", outcome: Outcome]>([
    ["schedule", { kind: "complete" }],
    ["schedule", failed("x")],
    ["policies", { kind: "complete" }],
  ])("ends as failed: its %s", (column, outcome) => {
    const settled = write(outcome, { [column]: "{", failures: 2 });
    const error = errorOf(settled);
    assert.deepEqual([error.errorType, error.isRetryable], ["system", false]);
    assert.equal(error.message, `Record task-1 is corrupt: its ${column} cannot be read`);
    assert.deepEqual(error.context, { code: "corrupt_record" });
    assert.deepEqual([settled.write.state?.status, settled.write.state?.failures], ["FAILED", 3]);
    assert.deepEqual([settled.write.due, settled.write.result], [null, null]);
  });

  it("can be retried and released, for which neither is needed", () => {
    const error = new TaskError({ errorType: "x", message: "x" });
    assert.equal(write({ kind: "retry", error, due: { inMs: 5 } }, { schedule: "{" }).outcome.kind, "retry");
    assert.equal(write({ kind: "release" }, { schedule: "{" }).outcome.kind, "release");
  });
});

describe("whatever else goes wrong", () => {
  it("is not taken for a corrupt record", () => {
    const broken = { kind: "fail", error: null } as unknown as Outcome;
    assert.throws(() => write(broken), TypeError);
  });
});
