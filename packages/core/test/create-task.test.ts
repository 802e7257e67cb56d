import assert from "node:assert/strict";
import { TaskError, createTask, getErrorMessage, hasError, isFailed, toInterval } from "@omniq/core";
import { describe, it } from "vitest";

describe("a task made by hand", () => {
  it("S4.71 has the defaults of a task that was just enqueued, and the error given", () => {
    const error = new TaskError({ errorType: "timeout", message: "late" });
    const { id, createdAt, updatedAt, schedule, ...rest } = createTask({
      name: "greet",
      payload: { name: "Ada" },
      error,
    });
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(createdAt.getTime(), updatedAt.getTime());
    assert.deepEqual(schedule, {
      eta: createdAt,
      interval: null,
      cadence: "after",
      cron: null,
      timeZone: null,
      missed: "skip",
      onFailure: "continue",
      paused: false,
    });
    assert.deepEqual(rest, {
      name: "greet",
      queue: "default",
      priority: 0,
      payload: { name: "Ada" },
      status: "PENDING",
      maxRetries: 3,
      timeoutMs: null,
      retry: null,
      keep: "all",
      resultTtlMs: 86_400_000,
      maxRecoveries: 3,
      run: 1,
      attempts: 0,
      failures: 0,
      recoveries: 0,
      error,
      progress: null,
      holds: [],
      headers: {},
      concurrencyKey: null,
      dedupeKey: null,
      lastAttemptAt: null,
      finishedAt: null,
      workerId: null,
      leaseUntil: null,
    });
  });

  it("S4.40 S4.41 S4.48 takes an interval as every call does: a bare number is seconds", () => {
    assert.equal(createTask({ interval: 3600 }).schedule.interval?.totalSeconds(), 3600);
    assert.equal(createTask({ interval: "1h" }).schedule.interval?.totalSeconds(), 3600);
    assert.equal(toInterval(3600)?.totalSeconds(), 3600);
    assert.equal(createTask().schedule.interval, null);
    // @ts-expect-error intervals are part of the schedule
    assert.equal(createTask().interval, undefined);
  });

  it("refuses what it does not take, naming what it does, and a text for an instant", () => {
    assert.throws(() => createTask({ nmae: "a" } as object), {
      code: "unknown_option",
      message: /^createTask has no option "nmae"\. It takes .*name, payload, error/,
    });
    assert.throws(() => createTask({ eta: "2026-01-01" } as object), {
      code: "invalid_eta",
      message: /an instant from 1970 to 9999, as a Date or in milliseconds\.$/,
    });
  });

  it("S4.50 has no interval for 0 or null, and refuses a negative one and NaN", () => {
    assert.equal(createTask({ interval: 0 }).schedule.interval, null);
    assert.equal(createTask({ interval: null }).schedule.interval, null);
    for (const interval of [-1, Number.NaN]) {
      assert.throws(() => createTask({ interval }), { name: "ValidationError", code: "invalid_duration" });
    }
  });

  it("S4.70 tells an error that is set from a task that has failed for good", () => {
    const error = new TaskError({ errorType: "timeout", message: "late" });
    const facts = (task: ReturnType<typeof createTask>): unknown[] => [
      hasError(task),
      isFailed(task),
      getErrorMessage(task),
    ];
    assert.deepEqual(facts(createTask({ error })), [true, false, "late"]);
    assert.deepEqual(facts({ ...createTask({ error }), status: "FAILED" }), [true, true, "late"]);
    assert.deepEqual(facts({ ...createTask(), status: "SUCCESS" }), [false, false, null]);
  });
});
