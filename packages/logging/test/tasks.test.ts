import { ValidationError } from "@omniq/core";
import { NonRetryableError } from "@omniq/core";
import { ManualClock } from "@omniq/core/testing";
import {
  bindTask,
  getLogger,
  logSerializationError,
  logStorageError,
  logTaskCompleted,
  logTaskEnqueued,
  logTaskFailed,
  logTaskStarted,
  logWorkerStarted,
  logWorkerStopped,
  taskContext,
} from "@omniq/logging";
import { describe, expect, it } from "vitest";
import { type Line, logToFile } from "./support/records.ts";

const START = Date.UTC(2026, 0, 1);

describe("taskContext", () => {
  it("S4.18 S4.19 runs work, and records its start, its end and its time", async () => {
    const clock = new ManualClock(START);
    const log = logToFile({ clock });
    const result = await taskContext("task-123", "add up", async (own) => {
      own.info("adding %d numbers", 2);
      await clock.advance(1500);
      getLogger("app").info("deep down");
      return 3;
    });
    expect(result).toBe(3);
    const lines = await log.lines();
    expect(lines.map(({ message }) => message)).toEqual([
      "add up started",
      "adding 2 numbers",
      "deep down",
      "add up completed",
    ]);
    for (const line of lines) {
      expect(line).toMatchObject({
        task_id: "task-123",
        operation: "add up",
        correlation_id: "task-123",
        start_time: "2026-01-01T00:00:00.000Z",
      });
    }
    expect(lines.map(({ duration }) => duration)).toEqual([undefined, undefined, undefined, 1.5]);
  });

  it("S4.18 runs work that is not asynchronous, and gives its result itself", async () => {
    const log = logToFile();
    expect(taskContext("t", "now", () => 7)).toBe(7);
    expect((await log.lines()).map(({ message }) => message)).toEqual(["now started", "now completed"]);
  });

  it.each([
    ["thrown", () => taskContext("t", "work", (): never => fail())],
    ["rejected", () => taskContext("t", "work", async () => fail())],
  ])("S4.19 an error that is %s is recorded with its time and thrown on, the same one", async (_how, run) => {
    const log = logToFile();
    // A rejection where it was rejected, an exception where it was thrown.
    const caught = await Promise.resolve()
      .then(run)
      .catch((error: unknown) => error);
    expect(caught).toBe(FAILURE);
    const [, last] = await log.lines();
    expect(last).toMatchObject({ level: "ERROR", error: "Error: out of paper" });
    expect(last?.["message"]).toMatch(/^work failed after [\d.]+ s$/);
    expect(last?.["duration"]).toBeTypeOf("number");
  });

  it("work that is no function is refused before anything is recorded", async () => {
    const log = logToFile();
    expect(() => taskContext("t", "work", "now" as never)).toThrow(ValidationError);
    getLogger().info("next");
    expect((await log.lines()).map(({ message }) => message)).toEqual(["next"]);
  });

  it("S4.18 S4.19 as a disposable it records the end with its time, or the failure that it is told of", async () => {
    const clock = new ManualClock(START);
    const log = logToFile({ clock });
    {
      using own = taskContext("t1", "copy");
      own.info("copying");
      await clock.advance(250);
    }
    {
      using own = taskContext("t2", "copy");
      own.fail(FAILURE);
    }
    const lines = await log.lines();
    expect(lines.map(({ task_id, message, duration }) => [task_id, message, duration])).toEqual([
      ["t1", "copy started", undefined],
      ["t1", "copying", undefined],
      ["t1", "copy ended", 0.25],
      ["t2", "copy started", undefined],
      ["t2", "copy failed after 0 s", 0],
    ]);
  });

  it("a context within another keeps the correlation id of what caused it", async () => {
    const log = logToFile();
    await taskContext("outer", "a", async () => {
      await new Promise((resolve) => setImmediate(resolve));
      bindTask("inner").info("bound within");
      taskContext("inner", "b", () => getLogger().info("nested"));
    });
    bindTask("inner").info("bound outside");
    const lines = await log.lines();
    const correlation = (message: string): unknown =>
      lines.find((line) => line["message"] === message)?.["correlation_id"];
    expect(correlation("bound within")).toBe("outer");
    expect(correlation("nested")).toBe("outer");
    expect(correlation("bound outside")).toBe("inner");
  });
});

describe("the port of core", () => {
  it("puts facts in force for whatever the work logs, and knows the correlation id that is in force", async () => {
    const log = logToFile();
    const worker = getLogger("omniq.core").bind({ worker: "w" });
    expect(worker.correlationId?.()).toBeUndefined();
    await worker.within?.({ task_id: "t", worker: "w", correlation_id: "cause" }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(getLogger().correlationId?.()).toBe("cause");
      getLogger("app").info("deep down", { worker: "own" });
    });
    getLogger("app").info("after");
    const [inner, after] = (await log.lines()).map(withoutTime);
    expect(inner).toMatchObject({ logger: "app", task_id: "t", worker: "own", correlation_id: "cause" });
    expect(after).toEqual({ level: "INFO", logger: "app", message: "after" });
  });
});

describe("bindTask", () => {
  it("S4.20 binds a task and the caller's keys as they are given, or the caller's keys alone", async () => {
    const log = logToFile();
    bindTask("task-456", { worker: "worker-1", userId: "user-123", session_id: "s" }).info("with a task");
    bindTask({ worker_id: "worker-1", node: "production-1" }).bind({ extra: 1 }).info("without");
    const [first, second] = (await log.lines()).map(withoutTime);
    expect(first).toEqual({
      level: "INFO",
      logger: "omniq.task",
      message: "with a task",
      task_id: "task-456",
      worker: "worker-1",
      correlation_id: "task-456",
      userId: "user-123",
      session_id: "s",
    });
    expect(second).toEqual({
      level: "INFO",
      logger: "omniq.task",
      message: "without",
      worker_id: "worker-1",
      node: "production-1",
      extra: 1,
    });
  });
});

describe("S4.26 S4.27 the eight helpers", () => {
  it("say what happened, and carry it as facts", async () => {
    const log = logToFile();
    logTaskEnqueued("task-123", "module.function");
    logTaskStarted("task-123", 1);
    logTaskCompleted("task-123", 2);
    logTaskFailed("task-123", "Error message", { willRetry: true });
    logTaskFailed("task-123", new NonRetryableError("no paper", { errorType: "resource" }));
    logWorkerStarted(4);
    logWorkerStopped();
    logStorageError("dequeue", new Error("disk full"));
    logSerializationError("enqueue", "a cycle");
    const lines = (await log.lines()).map(withoutTime);
    const task = { logger: "omniq.task", task_id: "task-123", correlation_id: "task-123" };
    expect(lines.map(({ error_stack: _stack, ...rest }) => rest)).toEqual([
      {
        ...task,
        level: "INFO",
        message: "Task enqueued: task-123 -> module.function",
        func_path: "module.function",
      },
      { ...task, level: "INFO", message: "Task started: task-123 (attempt 1)", attempt: 1 },
      { ...task, level: "INFO", message: "Task completed: task-123 after 2 attempts", attempts: 2 },
      {
        ...task,
        level: "WARNING",
        message: "Task failed and will be retried: task-123: Error message",
        error: "Error message",
        will_retry: true,
      },
      {
        ...task,
        level: "ERROR",
        message: "Task failed: task-123: no paper",
        error: "NonRetryableError: no paper",
        error_code: "task_error",
        error_type: "resource",
        retry_count: 0,
        is_retryable: false,
        will_retry: false,
      },
      { logger: "omniq", level: "INFO", message: "Worker started with concurrency 4", concurrency: 4 },
      { logger: "omniq", level: "INFO", message: "Worker stopped" },
      {
        logger: "omniq",
        level: "ERROR",
        message: "Storage error during dequeue: disk full",
        operation: "dequeue",
        error: "Error: disk full",
      },
      {
        logger: "omniq",
        level: "ERROR",
        message: "Serialization error during enqueue: a cycle",
        operation: "enqueue",
        error: "a cycle",
      },
    ]);
  });
});

const FAILURE = new Error("out of paper");

function fail(): never {
  throw FAILURE;
}

function withoutTime({ timestamp: _time, ...rest }: Line): Line {
  return rest;
}
