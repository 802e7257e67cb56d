import assert from "node:assert/strict";
import {
  AdapterNotFoundError,
  ClosedError,
  CorruptRecordError,
  DuplicateTaskError,
  InvalidTransitionError,
  LeaseLostError,
  NotFoundError,
  NotImplementedError,
  OmniQError,
  PayloadTooLargeError,
  ResultUnavailableError,
  SerializationError,
  StorageError,
  ValidationError,
  WaitTimeoutError,
} from "@omniq/core";
import { describe, it } from "vitest";
import { packageVersion } from "../src/storage/package-version.ts";

const cause = new Error("below");

describe("an error of OmniQ", () => {
  it.each<[code: string, error: OmniQError, fields: object]>([
    ["busy", new StorageError("busy", "x"), { retryable: false, outcome: "not-applied" }],
    [
      "busy",
      new StorageError("busy", "x", { retryable: true, outcome: "unknown", cause }),
      { retryable: true, outcome: "unknown", cause },
    ],
    ["not_found", new NotFoundError("t"), { taskId: "t", message: "Task t not found" }],
    ["duplicate_task", new DuplicateTaskError("t"), { taskId: "t" }],
    ["lease_lost", new LeaseLostError("t", "gone"), { taskId: "t", reason: "gone" }],
    [
      "invalid_transition",
      new InvalidTransitionError("t", "hold", "FAILED"),
      { operation: "hold", status: "FAILED" },
    ],
    [
      "corrupt_record",
      new CorruptRecordError("t", "its payload cannot be read", cause),
      { recordId: "t", cause },
    ],
    ["closed", new ClosedError("claim tasks"), {}],
    ["invalid_id", new ValidationError("invalid_id", "x"), { field: null, issues: [] }],
    ["invalid_id", new ValidationError("invalid_id", "x", { field: "id", cause }), { field: "id", cause }],
    [
      "payload_too_large",
      new PayloadTooLargeError("payload", 2, 1),
      { field: "payload", bytes: 2, maxBytes: 1 },
    ],
    [
      "not_deserializable",
      new SerializationError("not_deserializable", "x", { cause }),
      { path: null, cause },
    ],
    ["not_implemented", new NotImplementedError("x", ["doOpen"]), { missing: ["doOpen"] }],
    ["adapter_not_installed", new AdapterNotFoundError("p", ["a", "b"], cause), { packageName: "p", cause }],
    ["result_not_kept", new ResultUnavailableError("t", "not_kept"), { taskId: "t", reason: "not_kept" }],
    ["wait_timeout", new WaitTimeoutError("t", 5), { taskId: "t", timeoutMs: 5 }],
  ])("has a code, its class as its name, and fields: %s", (code, error, fields) => {
    assert.ok(error instanceof OmniQError);
    assert.ok(error instanceof Error);
    assert.equal(error.code, code);
    assert.equal(error.name, error.constructor.name);
    assert.notEqual(error.message, "");
    for (const [field, value] of Object.entries(fields)) {
      assert.deepEqual((error as unknown as Record<string, unknown>)[field], value, field);
    }
  });

  it("has no cause where none is known", () => {
    for (const error of [new StorageError("x", "x"), new ValidationError("x", "x"), new NotFoundError("t")]) {
      assert.ok(!("cause" in error));
    }
  });

  it("of the store is told from a bad argument by its class", () => {
    for (const error of [new NotFoundError("t"), new LeaseLostError("t", "gone"), new ClosedError("x")]) {
      assert.ok(error instanceof StorageError);
    }
    assert.ok(!(new ValidationError("x", "x") instanceof StorageError));
    assert.ok(new PayloadTooLargeError("result", 2, 1) instanceof ValidationError);
  });
});

describe("the version of a package", () => {
  it("stands in its manifest, and is unknown where there is none", () => {
    assert.match(packageVersion(new URL("../src/index.ts", import.meta.url).href), /^\d+\.\d+\.\d+/);
    assert.equal(packageVersion("file:///no/such/package/index.js"), "unknown");
  });
});
