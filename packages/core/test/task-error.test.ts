import assert from "node:assert/strict";
import { ErrorType, NonRetryableError, OmniQError, TaskError, type TaskErrorFields } from "@omniq/core";
import { describe, it } from "vitest";

const timestamp = new Date("2026-01-02T03:04:05.678Z");
const fields: TaskErrorFields = { errorType: "network", message: "unreachable", timestamp };

describe("a task error", () => {
  it("is an error that can be thrown", () => {
    const error = new TaskError(fields);
    assert.ok(error instanceof Error);
    assert.ok(error instanceof OmniQError);
    assert.equal(error.name, "TaskError");
    assert.equal(error.code, "task_error");
    assert.equal(error.message, "unreachable");
  });

  it("S3.3 S4.81 has defaults for all but type and message", () => {
    const before = Date.now();
    const error = new TaskError({ errorType: "runtime", message: "" });
    assert.ok(error.timestamp.getTime() >= before);
    assert.equal(error.traceback, null);
    assert.equal(error.retryCount, 0);
    assert.equal(error.isRetryable, true);
    assert.deepEqual(error.details, {});
    assert.deepEqual(
      [error.maxRetries, error.context, error.exceptionType],
      [undefined, undefined, undefined],
    );
  });

  it("S3.2 S4.62 S4.64 has no context in its core, knows the usual types, and takes types of the user's own", () => {
    // @ts-expect-error context is a detail, given beside the core
    const error = new TaskError({ ...fields, context: { secret: 1 } });
    assert.equal(error.context, undefined);
    assert.ok(!("context" in error.toJSON()));
    const { TIMEOUT, VALIDATION, RUNTIME, RESOURCE, NETWORK, SYSTEM, UNKNOWN } = ErrorType;
    assert.deepEqual(
      [TIMEOUT, VALIDATION, RUNTIME, RESOURCE, NETWORK, SYSTEM, UNKNOWN],
      ["timeout", "validation", "runtime", "resource", "network", "system", "unknown"],
    );
    assert.equal(new TaskError({ errorType: "business", message: "" }).errorType, "business");
  });

  it("S4.63 keeps details beside its core", () => {
    const error = new TaskError(fields, {
      maxRetries: 5,
      context: { host: "h" },
      exceptionType: "TypeError",
    });
    assert.equal(error.maxRetries, 5);
    assert.deepEqual(error.context, { host: "h" });
    assert.equal(error.exceptionType, "TypeError");
  });

  it("writes its type in lower case, and bounds its texts", () => {
    const error = new TaskError({
      errorType: "Payment",
      message: "m".repeat(5000),
      traceback: "t".repeat(9000),
    });
    assert.equal(error.errorType, "payment");
    assert.equal(error.message.length, 4096);
    assert.equal(error.traceback?.length, 8192);
  });

  it.each<[field: string, value: unknown]>([
    ["errorType", ""],
    ["errorType", undefined],
    ["errorType", 5],
    ["message", undefined],
    ["message", 5],
    ["retryCount", -1],
    ["retryCount", 1.5],
    ["retryCount", "1"],
    ["retryCount", Number.NaN],
    ["isRetryable", "yes"],
    ["isRetryable", 1],
    ["traceback", 5],
    ["timestamp", new Date(Number.NaN)],
    ["timestamp", "2026-01-01"],
    ["timestamp", 0],
  ])("S3.4 is refused with the %s %o", (field, value) => {
    assert.throws(() => new TaskError({ ...fields, [field]: value }), {
      name: "ValidationError",
      code: "invalid_task_error",
      field,
    });
  });

  it.each([
    [ErrorType.TIMEOUT, "system"],
    [ErrorType.RESOURCE, "system"],
    [ErrorType.SYSTEM, "system"],
    [ErrorType.NETWORK, "external"],
    [ErrorType.VALIDATION, "user"],
    [ErrorType.RUNTIME, "application"],
    [ErrorType.UNKNOWN, "unknown"],
    ["payment", "unknown"],
  ])("S4.65 of type %s is of category %s", (errorType, category) => {
    assert.equal(new TaskError({ errorType, message: "" }).category, category);
  });
});

describe("whether a task error can be retried", () => {
  it.each<[isRetryable: boolean, retryCount: number, maxRetries: number | undefined, can: boolean]>([
    [true, 0, undefined, true],
    [true, 1000, undefined, true],
    [false, 0, undefined, false],
    [true, 2, 3, true],
    [true, 3, 3, false],
    [true, 0, 0, false],
    [false, 0, 3, false],
  ])("S4.66 retryable %s, after %d of %s retries: %s", (isRetryable, retryCount, maxRetries, can) => {
    const details = maxRetries === undefined ? {} : { maxRetries };
    assert.equal(new TaskError({ ...fields, isRetryable, retryCount }, details).canRetry(), can);
  });
});

describe("a changed task error", () => {
  const first = new TaskError({ ...fields, traceback: "at x", isRetryable: false }, { maxRetries: 2 });

  it("S4.67 is a copy, and leaves the first alone", () => {
    const second = first.incrementRetry();
    assert.equal(first.retryCount, 0);
    assert.notEqual(second, first);
    assert.deepEqual(second.toJSON(), { ...first.toJSON(), retry_count: 1 });
    assert.deepEqual(second.details, first.details);
    assert.equal(second.incrementRetry().retryCount, 2);
  });

  it("takes any field", () => {
    const second = first.with({ message: "other", isRetryable: true });
    assert.deepEqual(second.toJSON(), { ...first.toJSON(), message: "other", is_retryable: true });
  });

  it("is checked like a new one", () => {
    assert.throws(() => first.with({ retryCount: -1 }), { code: "invalid_task_error", field: "retryCount" });
  });
});

describe("the wire form of a task error", () => {
  it("S3.1 is exactly six keys", () => {
    const error = new TaskError(
      { ...fields, traceback: "at x", retryCount: 2, isRetryable: false },
      { maxRetries: 5, context: { secret: "s" }, exceptionType: "TypeError" },
    );
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      error_type: "network",
      message: "unreachable",
      timestamp: "2026-01-02T03:04:05.678Z",
      traceback: "at x",
      retry_count: 2,
      is_retryable: false,
    });
  });

  it("S4.74 is read back, unknown keys ignored, details given beside it", () => {
    const error = new TaskError({ ...fields, traceback: "at x", retryCount: 2, isRetryable: false });
    const read = TaskError.from({ ...error.toJSON(), severity: "high", details: {} }, { maxRetries: 4 });
    assert.deepEqual(read.toJSON(), error.toJSON());
    assert.deepEqual(read.details, { maxRetries: 4 });
  });

  it("may lack what has a default", () => {
    const read = TaskError.from({ error_type: "network", message: "m", timestamp: timestamp.toISOString() });
    assert.deepEqual([read.traceback, read.retryCount, read.isRetryable], [null, 0, true]);
  });

  it("may be a plain text", () => {
    const read = TaskError.from("it broke", { maxRetries: 1 });
    assert.deepEqual([read.errorType, read.message, read.maxRetries], ["unknown", "it broke", 1]);
  });

  it.each([
    [null],
    [undefined],
    [{}],
    [5],
    [{ error_type: "network" }],
    [{ error_type: "network", message: "m" }],
  ])("is refused where it is %o", (wire) => {
    assert.throws(() => TaskError.from(wire), { code: "invalid_task_error" });
  });
});

describe("a task error from what was thrown", () => {
  it("S4.61 S4.69 tells an error's class, message and stack", () => {
    const thrown = new RangeError("too far");
    const error = TaskError.fromException(thrown);
    assert.deepEqual(
      [error.errorType, error.message, error.exceptionType, error.isRetryable, error.retryCount],
      ["runtime", "too far", "RangeError", true, 0],
    );
    assert.equal(error.traceback, thrown.stack);
  });

  const circular: Record<string, unknown> = {};
  circular["self"] = circular;

  it.each<[what: string, thrown: unknown, message: string, exceptionType: string]>([
    ["a text", "it broke", "it broke", "string"],
    ["an object", { code: 5 }, '{"code":5}', "object"],
    ["a circular object", circular, "[object Object]", "object"],
    ["a number", 5, "5", "number"],
    ["null", null, "null", "null"],
    ["undefined", undefined, "undefined", "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)", "symbol"],
    ["a bigint", 10n, "10", "bigint"],
  ])("can be made of %s", (_what, thrown, message, exceptionType) => {
    const error = TaskError.fromException(thrown);
    assert.deepEqual([error.message, error.exceptionType, error.traceback], [message, exceptionType, null]);
  });

  it.each<[message: unknown, text: string]>([
    [{ reason: "quota" }, '{"reason":"quota"}'],
    [404, "404"],
    [undefined, "undefined"],
  ])("can be made of an error whose message is %o", (message, text) => {
    const thrown = Object.assign(new Error("x"), { message });
    assert.equal(TaskError.fromException(thrown).message, text);
  });

  it("names a class without a name by the error's own name", () => {
    const thrown = new (class extends Error {})("m");
    thrown.name = "QuotaError";
    assert.equal(TaskError.fromException(thrown).exceptionType, "QuotaError");
  });

  it("takes what the caller knows", () => {
    const error = TaskError.fromException(new Error("m"), {
      errorType: "payment",
      message: "declined",
      isRetryable: false,
      retryCount: 3,
      timestamp,
      maxRetries: 4,
      context: { order: 1 },
    });
    assert.deepEqual(error.toJSON(), {
      error_type: "payment",
      message: "declined",
      timestamp: timestamp.toISOString(),
      traceback: error.traceback,
      retry_count: 3,
      is_retryable: false,
    });
    assert.deepEqual(error.details, { exceptionType: "Error", maxRetries: 4, context: { order: 1 } });
  });

  it("keeps what a thrown task error says of itself", () => {
    const thrown = new TaskError(
      { ...fields, isRetryable: false, traceback: "at x", retryCount: 1 },
      { maxRetries: 2, context: { a: 1 } },
    );
    const error = TaskError.fromException(thrown);
    assert.deepEqual(error.toJSON(), thrown.toJSON());
    assert.deepEqual(error.details, thrown.details);
  });

  it("overrides it only where it is told to", () => {
    const thrown = new TaskError({ ...fields, isRetryable: false }, { context: { a: 1 } });
    const error = TaskError.fromException(thrown, { retryCount: 4, context: { b: 2 } });
    assert.deepEqual([error.errorType, error.isRetryable, error.retryCount], ["network", false, 4]);
    assert.deepEqual(error.context, { b: 2 });
    assert.equal(error.traceback, thrown.stack);
  });
});

describe("a non-retryable error", () => {
  it("is a task error that no retry can mend", () => {
    const error = new NonRetryableError("no such account", { context: { account: 1 } });
    assert.ok(error instanceof TaskError);
    assert.equal(error.name, "NonRetryableError");
    assert.deepEqual([error.errorType, error.canRetry(), error.context], ["runtime", false, { account: 1 }]);
  });

  it("may have a type of its own", () => {
    assert.equal(new NonRetryableError("m", { errorType: "payment" }).errorType, "payment");
  });
});
