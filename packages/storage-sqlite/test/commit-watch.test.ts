import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
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
    const ended = new Promise<void>((resolve) => {
      watch.wait(() => {
        looks++;
        throw new Error("no such table: tasks");
      }, resolve);
    });
    // Another that begins later ends later.
    await new Promise<void>((resolve) => {
      let turns = 0;
      watch.wait(() => ++turns === 4, resolve);
    });
    assert.equal(looks, 1);
    assert.equal(await Promise.race([ended.then(() => "called"), sleep(0, "not called")]), "not called");
  });
});
