import assert from "node:assert/strict";
import { type BackoffContext, type BackoffFunction, NonRetryableError, TaskError } from "@omniq/core";
import type { TaskRecord } from "@omniq/core/storage";
import { describe, it } from "vitest";
import type { ErrorClassifier } from "../src/queue/classify-error.ts";
import { decideFailure } from "../src/queue/decide-failure.ts";
import { NOW, taskRecord } from "./support/records.ts";

/** What follows when a run of this task throws: "fail", or the delay of its retry. */
function after(task: Partial<TaskRecord>, thrown: unknown, backoff: BackoffFunction | null = null): unknown {
  const context = { now: NOW, random: () => 0.5, backoff, classify: null };
  const outcome = decideFailure(taskRecord(task), thrown, context);
  return outcome.kind === "fail" ? "fail" : outcome.due;
}

const thrown = new Error("x");

describe("whether a failed run is tried again", () => {
  it.each<[maxRetries: number, failures: number, retried: boolean]>([
    [0, 0, false],
    [1, 0, true],
    [1, 1, false],
    [3, 2, true],
    [3, 3, false],
    [3, 4, false],
  ])("with %d retries, after %d failures: %s", (maxRetries, failures, retried) => {
    assert.equal(after({ maxRetries, failures }, thrown) !== "fail", retried);
  });

  it("is decided by recorded failures, not by claims or lost leases", () => {
    assert.notEqual(after({ maxRetries: 1, failures: 0, attempts: 9, recoveries: 5 }, thrown), "fail");
  });

  it("is up to the error too", () => {
    assert.equal(after({}, new NonRetryableError("x")), "fail");
    assert.equal(after({}, new TaskError({ errorType: "x", message: "x", isRetryable: false })), "fail");
    const capped = new TaskError({ errorType: "x", message: "x" }, { maxRetries: 1 });
    assert.notEqual(after({ failures: 0 }, capped), "fail");
    assert.equal(after({ failures: 1 }, capped), "fail");
  });

  it("is not for what no retry can mend", () => {
    assert.equal(after({}, Object.assign(new TypeError("x"), { code: "ENOENT" })) === "fail", false);
  });
});

describe("the error of a failed run", () => {
  it("says what was thrown, when, and how many failures came before", () => {
    const { error } = decideFailure(
      taskRecord({ failures: 2 }),
      Object.assign(new Error("x"), { code: "ENOENT" }),
      {
        now: NOW,
        random: () => 0.5,
        backoff: null,
        classify: null,
      },
    );
    assert.deepEqual(error.toJSON(), {
      error_type: "resource",
      message: "x",
      timestamp: new Date(NOW).toISOString(),
      traceback: error.traceback,
      retry_count: 2,
      is_retryable: true,
    });
    assert.equal(error.exceptionType, "Error");
  });

  it("keeps what a thrown task error says of itself, but counts by the task", () => {
    const own = new TaskError(
      { errorType: "payment", message: "declined", retryCount: 7, timestamp: new Date(0) },
      { context: { card: 1 } },
    );
    const { error } = decideFailure(taskRecord({ failures: 1 }), own, {
      now: NOW,
      random: () => 0,
      backoff: null,
      classify: null,
    });
    assert.deepEqual(
      [error.errorType, error.message, error.retryCount, error.timestamp.getTime(), error.context],
      ["payment", "declined", 1, NOW, { card: 1 }],
    );
  });
});

describe("when a failed run is tried again", () => {
  it.each([
    [0, 1000],
    [1, 2000],
    [2, 4000],
  ])("by default, after %d failures: in %d ms", (failures, inMs) => {
    assert.deepEqual(after({ failures }, thrown), { inMs });
  });

  it("by the policy that is stored with the task", () => {
    const policies = '{"retry":{"strategy":"linear","baseMs":500,"maxMs":60000,"jitter":0}}';
    assert.deepEqual(after({ failures: 2, policies }, thrown), { inMs: 1500 });
  });

  it("by default where the stored policies cannot be read", () => {
    assert.deepEqual(after({ failures: 1, policies: "{" }, thrown), { inMs: 2000 });
  });

  it("by the task's own function, told which retry it is and why", () => {
    const seen: BackoffContext[] = [];
    const backoff: BackoffFunction = (context) => {
      seen.push(context);
      return "5s";
    };
    const policies = '{"retry":{"strategy":"fixed","baseMs":1,"maxMs":1,"jitter":0}}';
    assert.deepEqual(after({ failures: 2, policies }, thrown, backoff), { inMs: 5000 });
    assert.equal(seen.length, 1);
    assert.equal(seen[0]?.retry, 3);
    assert.ok(seen[0]?.error instanceof TaskError);
    assert.equal(seen[0]?.error.message, "x");
  });

  it.each<[what: string, backoff: () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["answers nonsense", () => "soon"],
    ["answers a negative time", () => -5],
    ["answers nothing", () => undefined],
    ["answers a promise", () => Promise.resolve(5)],
  ])("by default where that function %s", (_what, backoff) => {
    assert.deepEqual(after({ failures: 1 }, thrown, backoff as BackoffFunction), { inMs: 2000 });
  });

  it("is what the application's classifier says, key by key; a thrown task error keeps its own word", () => {
    const error = (classify: ErrorClassifier, cause: unknown = new Error("x")): TaskError =>
      decideFailure(taskRecord({}), cause, { now: NOW, random: () => 0, backoff: null, classify }).error;
    const busy = error(() => ({ errorType: "busy" }));
    assert.deepEqual([busy.errorType, busy.isRetryable], ["busy", true]);
    assert.equal(error(() => ({ isRetryable: false })).isRetryable, false);
    assert.equal(error(() => null).errorType, "runtime");
    assert.equal(error(() => ({ errorType: "busy" }), new NonRetryableError("no")).errorType, "runtime");
    const broken: ErrorClassifier = () => {
      throw new Error("the classifier itself");
    };
    assert.deepEqual([error(broken).errorType, error(broken).message], ["runtime", "x"]);
  });
});
