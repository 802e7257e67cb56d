import assert from "node:assert/strict";
import type { StoredTask } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { type Refusal, lossReason, settleRefusal } from "../src/storage/refusal.ts";
import { storedTask } from "./support/records.ts";

/** The token of the caller, with one before it and one after it. */
const [before, mine, after] = ["0000000000000009", "0000000000000010", "0000000000000011"] as const;

const settledByMe = { settledToken: mine, settledDigest: "outcome" };
const settledBySuccessor = { settledToken: after, settledDigest: "outcome" };

describe("why a settlement was refused", () => {
  it.each<[what: string, row: Partial<StoredTask> | null, refusal: Refusal]>([
    ["the task is not there", null, { status: "gone" }],
    [
      "the same outcome was settled before",
      { status: "SUCCESS", token: null, ...settledByMe },
      { status: "repeated" },
    ],
    [
      "the same outcome was settled before, and another run goes on",
      { status: "RUNNING", token: after, ...settledByMe },
      { status: "repeated" },
    ],
    [
      "another outcome was settled before",
      { status: "SUCCESS", token: null, settledToken: mine, settledDigest: "other" },
      { status: "conflict" },
    ],
    ["another holds the task", { status: "RUNNING", token: after }, { status: "lost", reason: "taken_over" }],
    [
      "another held the task and settled it",
      { status: "SUCCESS", token: null, ...settledBySuccessor },
      { status: "lost", reason: "taken_over" },
    ],
    [
      "another settled it since, and it waits for its next run",
      { status: "PENDING", token: null, ...settledBySuccessor },
      { status: "lost", reason: "taken_over" },
    ],
    ["the task was cancelled", { status: "CANCELLED", token: null }, { status: "lost", reason: "cancelled" }],
    [
      "the task was cancelled after another had taken it over",
      { status: "CANCELLED", token: null, ...settledBySuccessor },
      { status: "lost", reason: "cancelled" },
    ],
    [
      "an operator set it back",
      { status: "PENDING", token: null },
      { status: "lost", reason: "rescheduled" },
    ],
    [
      "an operator set it back, and an earlier lease had been settled",
      { status: "PENDING", token: null, settledToken: before, settledDigest: "outcome" },
      { status: "lost", reason: "rescheduled" },
    ],
    [
      "the lease holds, so the schedule is a newer one",
      { status: "RUNNING", token: mine },
      { status: "outdated" },
    ],
  ])("%s", (_what, row, refusal) => {
    assert.deepEqual(settleRefusal(mine, "outcome", row && storedTask(row)), refusal);
  });
});

describe("why a lease no longer counts", () => {
  it("is that it was settled, where the holder itself did", () => {
    assert.equal(
      lossReason(mine, storedTask({ status: "SUCCESS", token: null, ...settledByMe })),
      "taken_over",
    );
  });
});
