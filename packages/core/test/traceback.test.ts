import assert from "node:assert/strict";
import { TaskError } from "@omniq/core";
import { describe, it } from "vitest";

describe("the traceback of what was thrown", () => {
  it("tells how the handler came to the failure, and not how the worker came to the handler", () => {
    const core = new URL("../src/", import.meta.url).href;
    const thrown = new Error("no paper");
    const refused = `Error: no paper\n    at TaskQueue.enqueue (${core}queue/task-queue.ts:1:1)`;
    const handler = "    at async print (file:///app/print.ts:2:3)";
    const worker = `    at async WorkerPool.callFunction (${core}worker/worker-pool.ts:4:5)`;
    const script = "    at async main (file:///app/run-tasks.ts:6:7)";
    thrown.stack = [refused, handler, worker, script].join("\n");
    assert.equal(TaskError.fromException(thrown).traceback, [refused, handler].join("\n"));
    thrown.stack = ["Error: no paper", worker].join("\n");
    assert.equal(TaskError.fromException(thrown).traceback, thrown.stack, "where there is nothing else");
  });

  it("has the stacks of the causes, five at most", () => {
    let thrown = new Error("cause 7");
    for (const depth of [6, 5, 4, 3, 2, 1]) thrown = new Error(`cause ${depth}`, { cause: thrown });
    for (let error: unknown = thrown; error instanceof Error; error = error.cause)
      error.stack = error.message;
    assert.equal(
      TaskError.fromException(thrown).traceback,
      ["cause 1", "cause 2", "cause 3", "cause 4", "cause 5"].join("\ncaused by: "),
    );
  });

  it("has the message where there is no stack, and ends at a cause that is no error", () => {
    const thrown = new Error("outer", { cause: "a text" });
    delete thrown.stack;
    assert.equal(TaskError.fromException(thrown).traceback, "outer");
  });

  it("ends where the causes go round", () => {
    const thrown = new Error("round");
    thrown.cause = thrown;
    thrown.stack = "round";
    assert.equal(TaskError.fromException(thrown).traceback?.split("caused by: ").length, 5);
  });
});
