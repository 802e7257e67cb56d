import assert from "node:assert/strict";
import type { StoredTask } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { claimedTasks } from "../src/storage/claims.ts";
import { NOW, storedTask } from "./support/records.ts";

/** How tasks with these policies and recoveries are parted after a take-over. */
function recovered(recoveries: number, policies: string | null = null): string {
  const task = storedTask({ recoveries, policies });
  const { handOut, exhausted } = claimedTasks({ now: NOW, claimed: [], recovered: [task] });
  assert.equal(handOut.length + exhausted.length, 1);
  return handOut.length === 1 ? "handed out" : "exhausted";
}

describe("what a claim returned", () => {
  it("is handed out under its lease, tasks that were taken over first and marked", () => {
    const tasks = ["new", "lapsed"].map((id): StoredTask => storedTask({ id, token: `token of ${id}` }));
    const { handOut, exhausted } = claimedTasks({
      now: NOW,
      claimed: tasks.slice(0, 1),
      recovered: tasks.slice(1),
    });
    assert.deepEqual(exhausted, []);
    assert.deepEqual(
      handOut.map(({ lease, recovered: mark }) => [lease, mark]),
      [
        [{ taskId: "lapsed", token: "token of lapsed" }, true],
        [{ taskId: "new", token: "token of new" }, false],
      ],
    );
  });

  it.each<[recoveries: number, policies: string | null, fate: string]>([
    [1, null, "handed out"],
    [3, null, "handed out"],
    [4, null, "exhausted"],
    [1, '{"maxRecoveries":0}', "exhausted"],
    [9, '{"maxRecoveries":10}', "handed out"],
    // The default cap holds where a record's own cannot be read.
    [3, "{", "handed out"],
    [4, "{", "exhausted"],
  ])("after %d lost leases, with policies %s, is %s", (recoveries, policies, fate) => {
    assert.equal(recovered(recoveries, policies), fate);
  });

  it("is handed out whatever its recoveries, where its lease had not lapsed", () => {
    const { handOut } = claimedTasks({ now: NOW, claimed: [storedTask({ recoveries: 9 })], recovered: [] });
    assert.equal(handOut.length, 1);
  });
});
