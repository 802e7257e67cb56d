import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { FAILURES, type FailureTable, driverCodeOf, driverError, failureOf } from "@omniq/core/storage";

const table: FailureTable = [
  [/^ECONN/, FAILURES.unreachable],
  [/^E/, ["io_error", "retryable", "The disk under % failed."]],
];

describe("a failure of a driver", () => {
  it("is the first of its table that fits", () => {
    assert.equal(failureOf(table, "ECONNREFUSED"), FAILURES.unreachable);
    assert.equal(failureOf(table, "EIO")?.[0], "io_error");
    assert.equal(failureOf(table, "other"), undefined);
  });

  it.each([
    ["final", false, "not-applied"],
    ["retryable", true, "not-applied"],
    ["unknown", true, "unknown"],
    ["partial", false, "unknown"],
  ] as const)("that is %s may be tried again: %s; its outcome is %s", (verdict, retryable, outcome) => {
    const error = driverError(["code", verdict, "what to do"], "here");
    assert.deepEqual([error.code, error.retryable, error.outcome], ["code", retryable, outcome]);
  });

  it("names the place as it is, what the driver said, and its cause", () => {
    const cause = new Error("as the driver says it");
    const error = driverError(["code", "final", "% is not %."], "/100%/$&", cause, "EX");
    assert.equal(error.message, "/100%/$& is not /100%/$&. (EX)");
    assert.equal(error.cause, cause);
  });

  it.each([
    [{ code: "EX" }, "EX"],
    [{ errors: [{ errors: [{ code: "FIRST" }] }, { code: "SECOND" }] }, "FIRST"],
    [{ code: 5 }, ""],
    [null, ""],
    ["a text", ""],
  ])("%o has the code %o", (thrown, code) => assert.equal(driverCodeOf(thrown), code));
});
