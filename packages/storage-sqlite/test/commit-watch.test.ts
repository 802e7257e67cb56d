import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { CommitWatch } from "../src/commit-watch.ts";

describe("waiting for the end of a transaction", () => {
  it("looks until it is over", async () => {
    let looks = 0;
    await new Promise<void>((resolve) => {
      new CommitWatch().wait(() => ++looks === 3, resolve);
    });
    assert.equal(looks, 3);
  });

  it("is given up where the database cannot be asked any more", async () => {
    let looks = 0;
    const watch = new CommitWatch();
    const failing = (): never => {
      looks++;
      throw new Error("no such table: tasks");
    };
    watch.wait(failing, () => assert.fail("it was called"));
    // Another that begins later ends later.
    await new Promise<void>((resolve) => {
      let turns = 0;
      watch.wait(() => ++turns === 4, resolve);
    });
    assert.equal(looks, 1);
  });
});
