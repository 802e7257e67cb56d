import assert from "node:assert/strict";
import { StorageError, ValidationError } from "@omniq/core";
import { describe, it } from "vitest";
import { isBusy, toSqliteError } from "../src/sqlite-failure.ts";

function thrown(code: unknown): Error {
  return Object.assign(new Error("as SQLite says it"), { code });
}

describe("what SQLite throws", () => {
  it.each<[code: string, ours: string, retryable: boolean]>([
    ["SQLITE_NOTADB", "not_a_database", false],
    ["SQLITE_CANTOPEN", "cannot_open", false],
    ["SQLITE_CANTOPEN_ISDIR", "cannot_open", false],
    ["SQLITE_READONLY", "read_only", false],
    ["SQLITE_READONLY_DIRECTORY", "read_only", false],
    ["SQLITE_PERM", "read_only", false],
    ["SQLITE_FULL", "disk_full", true],
    ["SQLITE_CORRUPT_INDEX", "corrupt_database", false],
    ["SQLITE_IOERR_WRITE", "io_error", true],
    ["SQLITE_BUSY_SNAPSHOT", "busy", true],
    ["SQLITE_LOCKED_SHAREDCACHE", "busy", true],
  ])("%s is %s, names the file, and keeps the cause", (code, ours, retryable) => {
    const cause = thrown(code);
    const error = toSqliteError(cause, "/data/100%/$&.db") as StorageError;
    assert.ok(error instanceof StorageError);
    assert.deepEqual(
      [error.code, error.retryable, error.outcome, error.cause],
      [ours, retryable, "not-applied", cause],
    );
    assert.ok(error.message.includes("/data/100%/$&.db"), error.message);
    assert.ok(error.message.endsWith(`(${code})`));
  });

  it.each([
    [new ValidationError("invalid_id", "x")],
    [thrown("SQLITE_CONSTRAINT")],
    [thrown(5)],
    ["a text"],
    [null],
  ])("stays as it is where it is none of these: %o", (other) => {
    assert.equal(toSqliteError(other, "x.db"), other);
  });

  it.each([
    ["SQLITE_BUSY", true],
    ["SQLITE_BUSY_RECOVERY", true],
    ["SQLITE_LOCKED", true],
    ["SQLITE_FULL", false],
  ])("with code %s may be tried again at once: %s", (code, busy) => {
    assert.equal(isBusy(thrown(code)), busy);
  });
});
