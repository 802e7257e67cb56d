import assert from "node:assert/strict";
import type { BaseStorage, ResultRecord, StoredTask } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import { describe, it } from "vitest";
import { waitForResult } from "../src/queue/wait-for-result.ts";
import { fakeStorage } from "./support/fake-storage.ts";
import { NOW, storedTask } from "./support/records.ts";

const result: ResultRecord = {
  taskId: "task-1",
  run: 1,
  status: "SUCCESS",
  value: "5",
  format: "json",
  error: null,
  attempts: 1,
  startedAt: NOW,
  finishedAt: NOW,
  expiresAt: null,
  pendingToken: null,
};

interface Scene {
  task: Partial<StoredTask> | null;
  result: ResultRecord | null;
}

/** A store whose one task the test moves on while somebody waits. */
function waiting(
  scene: Scene,
  run?: number,
): { clock: ManualClock; store: BaseStorage; outcome: () => unknown; settled: Promise<void> } {
  const clock = new ManualClock();
  const store = fakeStorage({
    doGetTask: () => scene.task && storedTask(scene.task),
    doGetResult: () => scene.result,
    doWrite: () => {
      scene.task = { status: "CANCELLED" };
      return { now: NOW, answers: [{ written: true }] };
    },
  });
  let outcome: unknown = "waiting";
  const settled = waitForResult(store, clock, "task-1", 10_000, run).then(
    ({ value }) => void (outcome = value),
    (error: { readonly code: string }) => void (outcome = error.code),
  );
  return { clock, store, outcome: () => outcome, settled };
}

describe("waiting for a result", () => {
  it.each<[what: string, after: Scene, outcome: unknown]>([
    ["the run succeeded", { task: { status: "SUCCESS" }, result }, 5],
    ["the run succeeded and its task was removed", { task: null, result }, 5],
    ["a recurring task has gone on to its next run", { task: { status: "PENDING", run: 2 }, result }, 5],
    [
      "the run failed",
      { task: { status: "FAILED" }, result: { ...result, status: "FAILED", value: null } },
      null,
    ],
    ["the task was cancelled", { task: { status: "CANCELLED" }, result: null }, "result_cancelled"],
    ["the task was removed", { task: null, result: null }, "result_removed"],
    ["the result has expired", { task: { status: "SUCCESS" }, result: null }, "result_expired"],
    [
      "the result of this run has expired",
      { task: { status: "RUNNING", run: 2 }, result: null },
      "result_expired",
    ],
  ])("ends where %s", async (_what, after, outcome) => {
    const scene: Scene = { task: { status: "RUNNING" }, result: null };
    const wait = waiting(scene);
    await wait.clock.advance(1000);
    assert.equal(wait.outcome(), "waiting");
    Object.assign(scene, after);
    await wait.clock.advance(500);
    await wait.settled;
    assert.equal(wait.outcome(), outcome);
  });

  it("goes on through a failure that is retried", async () => {
    const scene: Scene = { task: { status: "RUNNING" }, result: null };
    const wait = waiting(scene);
    await wait.clock.advance(500);
    scene.task = { status: "PENDING", failures: 1 };
    await wait.clock.advance(500);
    assert.equal(wait.outcome(), "waiting");
    Object.assign(scene, { task: { status: "SUCCESS" }, result });
    await wait.clock.advance(500);
    assert.equal(wait.outcome(), 5);
  });

  it("ends at once where the change goes through the same store", async () => {
    const scene: Scene = { task: { status: "RUNNING" }, result: null };
    const wait = waiting(scene);
    await wait.clock.advance(1000);
    await wait.store.cancel("task-1");
    // The clock stands: no pause has come to its end.
    await wait.settled;
    assert.equal(wait.outcome(), "result_cancelled");
  });

  it("gives up after its time, and leaves no timer", async () => {
    const wait = waiting({ task: { status: "PENDING" }, result: null });
    await wait.clock.advance(9999);
    assert.equal(wait.outcome(), "waiting");
    await wait.clock.advance(1);
    await wait.settled;
    assert.equal(wait.outcome(), "wait_timeout");
    assert.equal(wait.clock.pending, 0);
  });

  it.each<[what: string, task: Partial<StoredTask> | null, outcome: string]>([
    ["keeps nothing", { status: "PENDING", policies: '{"keep":"none"}' }, "result_not_kept"],
    ["keeps no result", { status: "PENDING", policies: '{"resultTtlMs":0}' }, "result_not_kept"],
    ["is not there", null, "result_removed"],
  ])("is refused at once for a task that %s", async (_what, task, outcome) => {
    const wait = waiting({ task, result: null });
    await wait.settled;
    assert.equal(wait.outcome(), outcome);
  });

  it("can be for a run that is over", async () => {
    const wait = waiting({ task: { status: "RUNNING", run: 4 }, result }, 1);
    await wait.settled;
    assert.equal(wait.outcome(), 5);
  });
});
