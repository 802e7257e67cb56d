import assert from "node:assert/strict";
import { TASK_STATUSES, TRANSITIONS, type StoredTask, type TaskStatus } from "@omniq/core/storage";
import { describe, it } from "vitest";
import {
  type OperatorPlan,
  planCancel,
  planDelete,
  planHold,
  planPause,
  planReschedule,
  planRetry,
  planSchedule,
} from "../src/model/operator-plans.ts";
import type { TaskInsert } from "../src/model/task-write.ts";
import { NOW, storedTask } from "./support/records.ts";

/** A task with a past, in a state. */
function taskIn(status: TaskStatus): StoredTask {
  return storedTask({
    status,
    run: 4,
    attempts: 3,
    failures: 2,
    recoveries: 1,
    error: "{}",
    holds: '["budget"]',
  });
}

const declared: TaskInsert = {
  id: "task-1",
  name: "report",
  queue: "reports",
  priority: 5,
  payload: '{"day":1}',
  format: "json",
  schedule: '{"everyMs":60000,"cadence":"after","anchorMs":null,"missed":"skip","onFailure":"continue"}',
  scheduleVersion: 1,
  maxRetries: 1,
  timeout: 1000,
  policies: null,
  headers: null,
  concurrencyKey: null,
  contentDigest: "other digest",
  due: { inMs: 60_000 },
  dedupe: null,
  clearsResults: true,
  event: null,
};

const plans: Readonly<Record<keyof typeof TRANSITIONS, OperatorPlan>> = {
  reschedule: planReschedule(NOW + 5),
  cancel: planCancel,
  retry: planRetry,
  delete: planDelete(false),
  hold: planHold("hold", "audit"),
  unhold: planHold("unhold", "budget"),
  schedule: planSchedule(declared),
};

const kept = { run: 4, attempts: 3, failures: 2, recoveries: 1, error: "{}", holds: '["budget"]' };
const fresh = { run: 5, attempts: 0, failures: 0, recoveries: 0, error: null, holds: '["budget"]' };

describe("an operator's plan", () => {
  const pairs = (Object.keys(plans) as (keyof typeof plans)[]).flatMap((operation) =>
    TASK_STATUSES.map((status) => [operation, status] as const),
  );

  it.each(pairs)("follows the state table: %s of a %s task", (operation, status) => {
    const task = taskIn(status);
    const cell = TRANSITIONS[operation][status];
    if (!cell || cell.needsForce) {
      assert.throws(() => plans[operation](task), { code: "invalid_transition", operation, status });
      return;
    }
    const write = plans[operation](task);
    if (cell.to === "unchanged") {
      assert.equal(write, null);
      return;
    }
    assert.ok(write);
    assert.deepEqual(write.guard, { revision: 7 });
    assert.equal(write.keepsLease, cell.keepsLease === true);
    assert.equal(write.result, null);
    assert.deepEqual(write.enqueue, []);
    assert.equal(write.events.length, 1);
    const { holds: _holds, ...counters } = cell.newRun ? fresh : kept;
    if (cell.to === "gone") assert.equal(write.state, null);
    else assert.partialDeepStrictEqual(write.state, { ...counters, status: cell.to });
  });
});

describe("rescheduling", () => {
  it("names the new time, as the due time and in the event", () => {
    const write = planReschedule(NOW + 5)(taskIn("RUNNING"));
    assert.deepEqual(write, {
      id: "task-1",
      guard: { revision: 7 },
      state: { ...kept, status: "PENDING" },
      due: { at: NOW + 5 },
      keepsLease: false,
      definition: null,
      result: null,
      dropResults: null,
      events: [
        {
          taskId: "task-1",
          type: "rescheduled",
          run: 4,
          attempt: 3,
          workerId: "worker-1",
          data: JSON.stringify({ eta: NOW + 5 }),
        },
      ],
      enqueue: [],
    });
  });

  it.each<[status: TaskStatus, dropped: number | null]>([
    ["PENDING", null],
    ["RUNNING", null],
    ["SUCCESS", null],
    ["FAILED", 4],
    ["CANCELLED", null],
  ])("of a %s task drops the stored result of the run that is live again: %s", (status, dropped) => {
    assert.equal(planReschedule(NOW)(taskIn(status))?.dropResults, dropped);
  });
});

describe("retrying by hand", () => {
  it("is due now, as a new run whose predecessor keeps its result", () => {
    const write = planRetry(taskIn("FAILED"));
    assert.deepEqual([write?.due, write?.dropResults], [{ inMs: 0 }, null]);
    assert.deepEqual(write?.state, { ...fresh, status: "PENDING" });
    assert.equal(write?.events[0]?.type, "revived");
  });
});

describe("cancelling", () => {
  it("keeps the due time and the counters", () => {
    const write = planCancel(taskIn("PENDING"));
    assert.deepEqual([write?.due, write?.state], [null, { ...kept, status: "CANCELLED" }]);
    assert.equal(write?.events[0]?.type, "cancelled");
  });
});

describe("deleting", () => {
  it("by force takes a running task too", () => {
    assert.equal(planDelete(true)(taskIn("RUNNING"))?.state, null);
    assert.equal(planDelete(true)(taskIn("RUNNING"))?.events[0]?.type, "deleted");
  });

  it("takes the results along", () => {
    assert.equal(planDelete(false)(taskIn("SUCCESS"))?.dropResults, "all");
  });
});

describe("holding", () => {
  it.each<
    [operation: "hold" | "unhold", before: string | null, reason: string, after: string | null | undefined]
  >([
    ["hold", null, "budget", '["budget"]'],
    ["hold", '["budget"]', "audit", '["audit","budget"]'],
    ["hold", '["budget"]', "budget", undefined],
    ["unhold", '["audit","budget"]', "audit", '["budget"]'],
    ["unhold", '["budget"]', "budget", null],
    ["unhold", '["budget"]', "audit", undefined],
    ["unhold", null, "audit", undefined],
  ])("%s, from %s with %s, leads to %s", (operation, before, reason, after) => {
    const write = planHold(operation, reason)(storedTask({ status: "PENDING", holds: before }));
    if (after === undefined) {
      assert.equal(write, null);
      return;
    }
    assert.equal(write?.state?.holds, after);
    assert.equal(write?.due, null);
    const [event] = write?.events ?? [];
    assert.deepEqual(
      [event?.type, event?.data],
      [operation === "hold" ? "held" : "unheld", JSON.stringify({ reason })],
    );
  });

  it("of a record whose holds cannot be read names it", () => {
    const task = storedTask({ status: "PENDING", holds: "[" });
    assert.throws(() => planHold("hold", "x")(task), { code: "corrupt_record", recordId: "task-1" });
  });
});

describe("declaring a recurring task again", () => {
  it("with the same content changes nothing, in any state", () => {
    for (const status of TASK_STATUSES) {
      assert.equal(planSchedule({ ...declared, contentDigest: "digest" })(taskIn(status)), null);
    }
  });

  it("with other content brings the new definition and due time, and raises the version", () => {
    const write = planSchedule(declared)({ ...taskIn("PENDING"), scheduleVersion: 6 });
    const { id: _id, due, dedupe: _dedupe, clearsResults: _clears, event: _event, ...definition } = declared;
    assert.deepEqual(write?.due, due);
    assert.deepEqual(write?.definition, { ...definition, scheduleVersion: 7 });
    assert.equal(write?.events[0]?.type, "scheduled");
  });

  it("replaces a schedule that cannot be read", () => {
    const write = planSchedule(declared)(storedTask({ status: "PENDING", schedule: "{" }));
    assert.equal(write?.definition?.schedule, declared.schedule);
  });

  it("leaves a run in progress its lease and its due time", () => {
    const write = planSchedule(declared)(taskIn("RUNNING"));
    assert.deepEqual([write?.state?.status, write?.keepsLease, write?.due], ["RUNNING", true, null]);
  });
});

describe("pausing a schedule", () => {
  const recurring = { schedule: declared.schedule, holds: null };

  it("holds a waiting run, and raises the version so that the end of a run in progress sees it", () => {
    const waiting = planPause(true)(storedTask({ ...recurring, status: "PENDING", scheduleVersion: 3 }));
    assert.equal(waiting?.state?.holds, '["schedule paused"]');
    assert.equal(waiting?.definition?.scheduleVersion, 4);
    assert.equal(JSON.parse(waiting?.definition?.schedule ?? "{}").paused, true);
    const running = planPause(true)(storedTask({ ...recurring, status: "RUNNING" }));
    assert.equal(running?.state?.holds, null);
    assert.equal(running?.keepsLease, true);
  });

  it("is taken back whole", () => {
    const paused = planPause(true)(storedTask({ ...recurring, status: "PENDING" }));
    const task = storedTask({
      ...recurring,
      status: "PENDING",
      schedule: paused?.definition?.schedule ?? null,
      holds: '["audit","schedule paused"]',
    });
    assert.equal(planPause(true)(task), null);
    const resumed = planPause(false)(task);
    assert.equal(resumed?.state?.holds, '["audit"]');
    assert.equal(resumed?.definition?.schedule, declared.schedule);
  });

  it.each(["PENDING", "RUNNING"] as const)(
    "outlives a declaration of a %s task that changes it",
    (status) => {
      const paused = planPause(true)(storedTask({ ...recurring, status }));
      const task = storedTask({
        ...recurring,
        status,
        schedule: paused?.definition?.schedule ?? null,
        holds: paused?.state?.holds ?? null,
      });
      const changed = planSchedule({ ...declared, payload: "{}" })(task);
      assert.equal(changed?.definition?.schedule, paused?.definition?.schedule);
      assert.equal(changed?.state?.holds, paused?.state?.holds);
    },
  );

  it("is taken back where only the hold, or only the mark in the schedule, is left", () => {
    const held = storedTask({ ...recurring, status: "PENDING", holds: '["schedule paused"]' });
    const resumed = planPause(false)(held);
    assert.deepEqual([resumed?.state?.holds, resumed?.definition?.schedule], [null, declared.schedule]);
    const marked = planPause(true)(storedTask({ ...recurring, status: "PENDING" }))?.definition?.schedule;
    const task = storedTask({ ...recurring, status: "PENDING", schedule: marked ?? null });
    assert.equal(planPause(true)(task)?.state?.holds, '["schedule paused"]');
  });

  it("is refused of what does not repeat, and of what has ended", () => {
    assert.throws(() => planPause(true)(storedTask({ status: "PENDING" })), { code: "invalid_transition" });
    assert.throws(() => planPause(true)(storedTask({ ...recurring, status: "CANCELLED" })), {
      code: "invalid_transition",
    });
  });
});
