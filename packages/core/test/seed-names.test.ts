import assert from "node:assert/strict";
import * as core from "@omniq/core";
import { describe, it } from "vitest";

describe("the names that the seeds ask for", () => {
  it("S4.60 are exports of @omniq/core", () => {
    for (const name of [
      "TaskError",
      "ErrorType",
      "hasError",
      "isFailed",
      "getErrorMessage",
      "createTask",
      "OmniQ",
      "TaskQueue",
      "WorkerPool",
      "TaskStatus",
      "toInterval",
      "serializeInterval",
      "deserializeInterval",
    ] as const) {
      assert.ok(name in core, name);
    }
    assert.equal(core.TaskStatus.PENDING, "PENDING");
  });

  it("S4.28 have no second name for one thing", () => {
    for (const name of ["configureLogging", "AsyncOmniQ", "AsyncTaskQueue", "AsyncWorkerPool"]) {
      assert.ok(!(name in core), name);
    }
  });
});
