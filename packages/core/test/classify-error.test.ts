import assert from "node:assert/strict";
import { JsonSerializer, PayloadTooLargeError, ValidationError } from "@omniq/core";
import { describe, it } from "vitest";
import { classifyError } from "../src/queue/classify-error.ts";

function withCode(code: unknown): Error {
  return Object.assign(new Error("x"), { code });
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

/** An error with so many others between it and the socket's. */
function caused(depth: number): Error {
  let error = withCode("ECONNRESET");
  for (let level = 0; level < depth; level++) error = new Error("wrapped", { cause: error });
  return error;
}

const timedOut = Object.assign(new Error("x"), { name: "TimeoutError" });

describe("the type of what a handler threw", () => {
  it.each<[what: string, thrown: unknown, errorType: string]>([
    ["an error", new Error("x"), "runtime"],
    ["an error of the engine", new RangeError("x"), "runtime"],
    ["an unknown code", withCode("E_MINE"), "runtime"],
    ["a code that is a number", withCode(42), "runtime"],
    ["a code of every object", withCode("constructor"), "runtime"],

    ["a socket's timeout", withCode("ETIMEDOUT"), "timeout"],
    ["a fetch's timeout", withCode("UND_ERR_HEADERS_TIMEOUT"), "timeout"],
    ["a timeout by its name", timedOut, "timeout"],
    ["a refused connection", withCode("ECONNREFUSED"), "network"],
    ["an unknown host", withCode("ENOTFOUND"), "network"],
    ["a missing file", withCode("ENOENT"), "resource"],
    ["a full disk", withCode("ENOSPC"), "resource"],
    ["a real one of the file system", thrownBy(() => process.chdir("/no/such/folder")), "resource"],

    [
      "a failed fetch, by its cause",
      new TypeError("fetch failed", { cause: withCode("ECONNREFUSED") }),
      "network",
    ],
    ["the fourth cause", caused(4), "network"],
    ["the fifth cause, which is too deep", caused(5), "runtime"],
    ["the nearer of two", Object.assign(caused(1), { code: "ENOENT" }), "resource"],

    ["a text", "it broke", "unknown"],
    ["undefined", undefined, "unknown"],
    ["an object with a code", { code: "ENOENT" }, "unknown"],
  ])("is told by %s, and may be retried", (_what, thrown, errorType) => {
    assert.deepEqual(classifyError(thrown), { errorType, isRetryable: true });
  });

  it.each<[what: string, thrown: unknown]>([
    ["a bad argument", new ValidationError("invalid_payload", "x")],
    ["a value that cannot be kept", thrownBy(() => new JsonSerializer().encode(5n, "result"))],
    ["a value that is too large", new PayloadTooLargeError("result", 2, 1)],
  ])("is validation for %s, which no retry mends", (_what, thrown) => {
    assert.deepEqual(classifyError(thrown), { errorType: "validation", isRetryable: false });
  });
});
