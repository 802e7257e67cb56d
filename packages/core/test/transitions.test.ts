import assert from "node:assert/strict";
import { InvalidTransitionError } from "@omniq/core";
import {
  type Operation,
  TASK_STATUSES,
  TRANSITIONS,
  type TaskStatus,
  type Transition,
} from "@omniq/core/storage";
import { describe, it } from "vitest";
import { transition } from "../src/model/transitions.ts";

/** The table of docs/contract.md once more, cell by cell; null is a refusal. */
const TABLE: Readonly<Record<Operation, Readonly<Record<TaskStatus, Transition | null>>>> = {
  reschedule: {
    PENDING: { to: "PENDING" },
    RUNNING: { to: "PENDING" },
    SUCCESS: { to: "PENDING", newRun: true },
    FAILED: { to: "PENDING" },
    CANCELLED: { to: "PENDING", newRun: true },
  },
  schedule: {
    PENDING: { to: "PENDING" },
    RUNNING: { to: "RUNNING", keepsLease: true },
    SUCCESS: { to: "PENDING", newRun: true },
    FAILED: { to: "PENDING", newRun: true },
    CANCELLED: { to: "unchanged" },
  },
  cancel: {
    PENDING: { to: "CANCELLED" },
    RUNNING: { to: "CANCELLED" },
    SUCCESS: { to: "unchanged" },
    FAILED: { to: "unchanged" },
    CANCELLED: { to: "unchanged" },
  },
  retry: {
    PENDING: null,
    RUNNING: null,
    SUCCESS: null,
    FAILED: { to: "PENDING", newRun: true },
    CANCELLED: { to: "PENDING", newRun: true },
  },
  hold: { PENDING: { to: "PENDING" }, RUNNING: null, SUCCESS: null, FAILED: null, CANCELLED: null },
  unhold: { PENDING: { to: "PENDING" }, RUNNING: null, SUCCESS: null, FAILED: null, CANCELLED: null },
  delete: {
    PENDING: { to: "gone" },
    RUNNING: null,
    SUCCESS: { to: "gone" },
    FAILED: { to: "gone" },
    CANCELLED: { to: "gone" },
  },
};

const PAIRS = (Object.keys(TABLE) as Operation[]).flatMap((operation) =>
  TASK_STATUSES.map((status) => [operation, status, TABLE[operation][status]] as const),
);

describe("the state table", () => {
  it("knows the operations that the contract knows", () => {
    assert.deepEqual(Object.keys(TRANSITIONS).toSorted(), Object.keys(TABLE).toSorted());
    assert.equal(PAIRS.length, 35);
  });

  it.each(PAIRS)("says what %s does to a %s task", (operation, status, expected) => {
    if (expected) {
      assert.deepEqual(transition(operation, "task-1", status), expected);
      return;
    }
    assert.throws(() => transition(operation, "task-1", status), {
      name: InvalidTransitionError.name,
      code: "invalid_transition",
      message: `Cannot ${operation} task task-1: it is ${status}`,
      taskId: "task-1",
      operation,
      status,
      retryable: false,
      outcome: "not-applied",
    });
  });

  it("lets a running task be deleted by force, and forces nothing else", () => {
    assert.equal(transition("delete", "task-1", "RUNNING", true).to, "gone");
    assert.throws(() => transition("hold", "task-1", "RUNNING", true), { code: "invalid_transition" });
  });
});
