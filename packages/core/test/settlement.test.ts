import assert from "node:assert/strict";
import { NonRetryableError, TaskError } from "@omniq/core";
import type { TaskRecord } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { encodeError } from "../src/model/record-codec.ts";
import type { Recurrence } from "../src/model/recurrence.ts";
import { type EncodedOutcome, planSettlement } from "../src/model/settlement.ts";
import { NOW, taskRecord } from "./support/records.ts";

const complete: EncodedOutcome = { kind: "complete", value: '"done"', format: "json" };
const error = new TaskError({ errorType: "network", message: "unreachable", timestamp: new Date(NOW) });
const fail: EncodedOutcome = { kind: "fail", error };

/** A task that has failed twice and was held once, in its fourth run. */
const tried: Partial<TaskRecord> = {
  run: 4,
  attempts: 3,
  failures: 2,
  recoveries: 1,
  error: encodeError(error),
};
const state = {
  status: "RUNNING",
  run: 4,
  attempts: 3,
  failures: 2,
  recoveries: 1,
  error: tried.error,
  holds: null,
};
const nextRun = {
  status: "PENDING",
  run: 5,
  attempts: 0,
  failures: 0,
  recoveries: 0,
  error: null,
  holds: null,
};
const result = { run: 4, attempts: 3, startedAt: NOW, format: "json", ttlMs: 86_400_000 };
const succeeded = { ...result, status: "SUCCESS", value: '"done"', error: null };
const failed = { ...result, status: "FAILED", value: null, error: encodeError(error) };

function once(policies: object | null = null): TaskRecord {
  return taskRecord({ ...tried, policies: policies && JSON.stringify(policies) });
}

function recurring(changes: Partial<Recurrence> = {}, policies: object | null = null): TaskRecord {
  const recurrence: Recurrence = {
    everyMs: 60_000,
    cadence: "after",
    anchorMs: null,
    missed: "skip",
    onFailure: "continue",
    ...changes,
  };
  return { ...once(policies), schedule: JSON.stringify(recurrence) };
}

function eventOf(type: string, data: object | null = null): object {
  const text = data && JSON.stringify(data);
  return { taskId: "task-1", type, run: 4, attempt: 3, workerId: "worker-1", data: text };
}

const facts = { error_type: "network", category: "external", retry_count: 0, is_retryable: true };

describe("completing a task that runs once", () => {
  it("keeps task and result for a day, without the error of the failures before", () => {
    assert.deepEqual(planSettlement(once(), complete, NOW), {
      state: { ...state, status: "SUCCESS", error: null },
      due: null,
      result: succeeded,
      event: eventOf("completed"),
    });
  });

  it.each<[what: string, policies: object, taskStays: boolean, ttlMs: number | null | undefined]>([
    ["all", { keep: "all" }, true, 86_400_000],
    ["the result alone", { keep: "result" }, false, 86_400_000],
    ["nothing", { keep: "none" }, false, undefined],
    ["the task alone", { resultTtlMs: 0 }, true, undefined],
    ["the result for ever", { resultTtlMs: null }, true, null],
    ["the result for a second", { keep: "result", resultTtlMs: 1000 }, false, 1000],
    ["nothing, whatever the time to live", { keep: "none", resultTtlMs: null }, false, undefined],
  ])("can keep %s", (_what, policies, taskStays, ttlMs) => {
    const plan = planSettlement(once(policies), complete, NOW);
    assert.equal(plan.state?.status ?? null, taskStays ? "SUCCESS" : null);
    assert.deepEqual(plan.result, ttlMs === undefined ? null : { ...succeeded, ttlMs });
    assert.deepEqual(plan.event, eventOf("completed"));
  });
});

describe("failing a task that runs once", () => {
  it("keeps the error in task and result", () => {
    assert.deepEqual(planSettlement(once(), fail, NOW), {
      state: { ...state, status: "FAILED", failures: 3, error: encodeError(error) },
      due: null,
      result: failed,
      event: eventOf("failed", facts),
    });
  });

  it.each<[keep: string]>([["none"], ["result"]])(
    "keeps the task, though %s is kept of a success",
    (keep) => {
      const plan = planSettlement(once({ keep }), fail, NOW);
      assert.equal(plan.state?.status, "FAILED");
      assert.deepEqual(plan.result, failed);
    },
  );

  it("stores no result where none is to live", () => {
    assert.equal(planSettlement(once({ resultTtlMs: 0 }), fail, NOW).result, null);
    assert.deepEqual(planSettlement(once({ resultTtlMs: null }), fail, NOW).result, {
      ...failed,
      ttlMs: null,
    });
  });

  it("tells the facts of the error in the event, and no more", () => {
    const own = new NonRetryableError("secret", { errorType: "payment", context: { card: 1 } });
    assert.deepEqual(
      planSettlement(once(), { kind: "fail", error: own }, NOW).event,
      eventOf("failed", { error_type: "payment", category: "unknown", retry_count: 0, is_retryable: false }),
    );
  });
});

describe("ending a run of a recurring task", () => {
  it("completed, stores its result and waits for the next, counters at 0", () => {
    assert.deepEqual(planSettlement(recurring(), complete, NOW), {
      state: nextRun,
      due: { inMs: 60_000 },
      result: succeeded,
      event: eventOf("completed"),
    });
  });

  it("keeps what holds it", () => {
    const held = { ...recurring(), holds: '["budget"]' };
    assert.equal(planSettlement(held, complete, NOW).state?.holds, '["budget"]');
  });

  it.each(["none", "result"])("goes on with keep %s", (keep) => {
    const plan = planSettlement(recurring({}, { keep }), complete, NOW);
    assert.deepEqual(plan.state, nextRun);
    assert.deepEqual(plan.result, keep === "none" ? null : succeeded);
  });

  it("failed, stores its error and goes on", () => {
    assert.deepEqual(planSettlement(recurring(), fail, NOW), {
      state: nextRun,
      due: { inMs: 60_000 },
      result: failed,
      event: eventOf("failed", facts),
    });
  });

  it("failed, ends the series where it is told to stop", () => {
    const plan = planSettlement(recurring({ onFailure: "stop" }), fail, NOW);
    assert.deepEqual(plan.state, { ...state, status: "FAILED", failures: 3, error: encodeError(error) });
    assert.equal(plan.due, null);
    assert.deepEqual(plan.result, failed);
  });

  it("completed, goes on though a failure would stop it", () => {
    assert.deepEqual(planSettlement(recurring({ onFailure: "stop" }), complete, NOW).state, nextRun);
  });

  it("computes a fixed time from its own due time and the store's now", () => {
    const task = { ...recurring({ cadence: "fixed", anchorMs: NOW }), eta: NOW + 60_000 };
    assert.deepEqual(planSettlement(task, complete, NOW + 60_500).due, { at: NOW + 120_000 });
    assert.deepEqual(planSettlement(task, complete, NOW + 250_000).due, { at: NOW + 300_000 });
  });
});

describe("retrying", () => {
  it.each([
    ["once", once()],
    ["again and again", recurring()],
  ])("a task that runs %s is one step to PENDING, with its error and one failure more", (_what, task) => {
    assert.deepEqual(planSettlement(task, { kind: "retry", error, due: { inMs: 4000 } }, NOW), {
      state: { ...state, status: "PENDING", failures: 3, error: encodeError(error) },
      due: { inMs: 4000 },
      result: null,
      event: eventOf("retried", facts),
    });
  });
});

describe("releasing", () => {
  it.each([
    ["once", once()],
    ["again and again", recurring()],
  ])("a task that runs %s refunds the claim and leaves all else", (_what, task) => {
    assert.deepEqual(planSettlement(task, { kind: "release" }, NOW), {
      state: { ...state, status: "PENDING", attempts: 2 },
      due: null,
      result: null,
      event: eventOf("released"),
    });
  });

  it("can say why, and when it may be claimed again", () => {
    const plan = planSettlement(once(), { kind: "release", due: { inMs: 5 }, reason: "shutdown" }, NOW);
    assert.deepEqual(plan.due, { inMs: 5 });
    assert.deepEqual(plan.event, eventOf("released", { reason: "shutdown" }));
  });
});

describe("a record that cannot be read", () => {
  it.each<[what: string, changes: Partial<TaskRecord>]>([
    ["schedule", { schedule: "{" }],
    ["policies", { policies: "{" }],
  ])("is refused, naming its id and its %s", (what, changes) => {
    for (const outcome of [complete, fail]) {
      assert.throws(() => planSettlement(taskRecord(changes), outcome, NOW), {
        name: "CorruptRecordError",
        recordId: "task-1",
        message: `Record task-1 is corrupt: its ${what} cannot be read`,
      });
    }
  });
});
