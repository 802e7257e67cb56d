import assert from "node:assert/strict";
import { JsonSerializer, TaskError, getErrorMessage, hasError, isFailed } from "@omniq/core";
import { TASK_STATUSES, dueAt, isFinished } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { decodeTask, encodeError } from "../src/model/record-codec.ts";
import { TaskEventType, isRecorded } from "../src/model/task-event.ts";
import { taskRecord } from "./support/records.ts";

describe("a task", () => {
  const error = encodeError(new TaskError({ errorType: "network", message: "unreachable" }));

  it("that waits for its retry has an error and has not failed", () => {
    const task = decodeTask(taskRecord({ status: "PENDING", error }), new JsonSerializer());
    assert.deepEqual([hasError(task), isFailed(task), getErrorMessage(task)], [true, false, "unreachable"]);
  });

  it("that failed for good has", () => {
    const task = decodeTask(taskRecord({ status: "FAILED", error }), new JsonSerializer());
    assert.deepEqual([hasError(task), isFailed(task)], [true, true]);
  });

  it("that succeeded has no error", () => {
    const task = decodeTask(taskRecord({ status: "SUCCESS" }), new JsonSerializer());
    assert.deepEqual([hasError(task), isFailed(task), getErrorMessage(task)], [false, false, null]);
  });
});

describe("a status", () => {
  it("is one of five, three of which are the end", () => {
    assert.deepEqual(
      TASK_STATUSES.map((status) => [status, isFinished(status)]),
      [
        ["PENDING", false],
        ["RUNNING", false],
        ["SUCCESS", true],
        ["FAILED", true],
        ["CANCELLED", true],
      ],
    );
  });
});

describe("a due time", () => {
  it("is an instant, or so long after the store's now", () => {
    assert.equal(dueAt({ at: 5 }, 100), 5);
    assert.equal(dueAt({ inMs: 5 }, 100), 105);
  });
});

describe("the events that a level keeps", () => {
  const kept = (level: "all" | "errors" | "off"): string[] =>
    Object.values(TaskEventType).filter((type) => isRecorded(type, level));

  it("are all, those of trouble, or none", () => {
    assert.deepEqual(kept("all"), Object.values(TaskEventType));
    assert.deepEqual(kept("errors").toSorted(), ["cancelled", "failed", "lease_lost", "retried"]);
    assert.deepEqual(kept("off"), []);
  });
});
