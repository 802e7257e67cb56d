import assert from "node:assert/strict";
import { StorageError } from "@omniq/core";
import { afterEach, describe, it } from "vitest";
import { fakeStorage } from "./support/fake-storage.ts";

const KNOWN = Object.getOwnPropertyDescriptor(Promise, "withResolvers") as PropertyDescriptor;

describe("on a Node that is too old", () => {
  afterEach(() => {
    Object.defineProperty(Promise, "withResolvers", KNOWN);
  });

  it("a store is not made, and says what is needed", () => {
    Reflect.deleteProperty(Promise, "withResolvers");
    assert.throws(
      () => fakeStorage(),
      (error: Error) => {
        assert.ok(error instanceof StorageError);
        assert.equal(error.code, "unsupported_runtime");
        assert.match(error.message, /needs Node 22\.18 or newer, and this is v\d/);
        return true;
      },
    );
  });
});
