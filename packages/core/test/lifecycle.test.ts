import assert from "node:assert/strict";
import { StorageError } from "@omniq/core";
import { describe, it } from "vitest";
import { Lifecycle } from "../src/storage/lifecycle.ts";

/** A lifecycle that notes what it does. */
function noted(steps: { open?: () => Promise<void>; close?: () => Promise<void> } = {}): {
  lifecycle: Lifecycle;
  seen: string[];
} {
  const seen: string[] = [];
  const lifecycle = new Lifecycle(
    async () => {
      seen.push("open");
      await steps.open?.();
    },
    async () => {
      seen.push("close");
      await steps.close?.();
    },
  );
  return { lifecycle, seen };
}

const nothing = async (): Promise<void> => {};

describe("opening", () => {
  it("happens at the first call, once, however many come together", async () => {
    const { lifecycle, seen } = noted();
    const answers = await Promise.all(
      [1, 2, 3].map((answer) => lifecycle.call("describe", null, async () => answer)),
    );
    assert.deepEqual(answers, [1, 2, 3]);
    await Promise.all([lifecycle.open(), lifecycle.open()]);
    assert.deepEqual(seen, ["open"]);
  });

  it("that failed fails every call that waited for it, and is tried again by the next", async () => {
    let broken = true;
    const { lifecycle, seen } = noted({
      open: () => (broken ? Promise.reject(new Error("no disk")) : Promise.resolve()),
    });
    const calls = await Promise.allSettled([1, 2].map(() => lifecycle.call("describe", null, nothing)));
    for (const call of calls) {
      assert.equal(call.status, "rejected");
      assert.equal((call.reason as Error).message, "Failed to open the store: no disk");
    }
    broken = false;
    await lifecycle.call("describe", null, nothing);
    assert.deepEqual(seen, ["open", "open"]);
  });
});

describe("a call that fails", () => {
  it("rejects an error that says what was being done, and keeps the cause", async () => {
    const { lifecycle } = noted();
    const cause = new TypeError("no such column");
    await assert.rejects(
      lifecycle.call("reschedule", "task-1", () => Promise.reject(cause)),
      {
        name: "StorageError",
        code: "storage_failure",
        message: "Failed to reschedule task task-1: no such column",
        retryable: false,
        outcome: "unknown",
        cause,
      },
    );
  });

  it("for want of handles says so, and may be tried again", async () => {
    const { lifecycle } = noted();
    const cause = Object.assign(new Error("connect EMFILE 127.0.0.1:5432 - Local (undefined:undefined)"), {
      code: "EMFILE",
    });
    await assert.rejects(
      lifecycle.call("dequeue", null, () => Promise.reject(cause)),
      { name: "StorageError", code: "too_many_files", retryable: true, outcome: "unknown", cause },
    );
  });

  it.each<[thrown: unknown, message: string]>([
    ["a text", "Failed to describe the store: a text"],
    [5, "Failed to describe the store: 5"],
  ])("by throwing %o rejects an error too", async (thrown, message) => {
    const { lifecycle } = noted();
    const work = async (): Promise<never> => {
      throw thrown;
    };
    await assert.rejects(lifecycle.call("describe", null, work), { message });
  });

  it("leaves an error of ours as it is", async () => {
    const { lifecycle } = noted();
    const ours = new StorageError("busy", "locked", { retryable: true });
    await assert.rejects(
      lifecycle.call("enqueue", null, () => Promise.reject(ours)),
      (thrown) => thrown === ours,
    );
  });
});

describe("closing", () => {
  it("is once, and harmless before the first use", async () => {
    const { lifecycle, seen } = noted();
    await Promise.all([lifecycle.close(), lifecycle.close()]);
    await lifecycle.close();
    assert.deepEqual(seen, []);
  });

  it("waits for the calls under way, and refuses the ones that come then", async () => {
    const { lifecycle, seen } = noted();
    const work = Promise.withResolvers<void>();
    const other = Promise.withResolvers<void>();
    const call = lifecycle.call("enqueue", null, () => work.promise.then(() => seen.push("first done")));
    const second = lifecycle.call("enqueue", null, () => other.promise.then(() => seen.push("second done")));
    const closed = lifecycle.close();
    await assert.rejects(lifecycle.call("getTask", "task-1", nothing), {
      name: "ClosedError",
      code: "closed",
      message: "Cannot retrieve task task-1: the store is closed. Create a new one to go on.",
    });
    work.resolve();
    await call;
    other.resolve();
    await Promise.all([second, closed]);
    assert.deepEqual(seen, ["open", "first done", "second done", "close"]);
  });

  it("waits for an opening under way, and closes what it opened", async () => {
    const opened = Promise.withResolvers<void>();
    const { lifecycle, seen } = noted({ open: () => opened.promise });
    const opening = lifecycle.open();
    const closed = lifecycle.close();
    opened.resolve();
    await Promise.all([opening, closed]);
    assert.deepEqual(seen, ["open", "close"]);
  });

  it("has nothing to close where opening failed", async () => {
    const { lifecycle, seen } = noted({ open: () => Promise.reject(new Error("no disk")) });
    const opening = lifecycle.open();
    const closed = lifecycle.close();
    await assert.rejects(opening, StorageError);
    await closed;
    assert.deepEqual(seen, ["open"]);
  });

  it("that fails rejects an error of ours", async () => {
    const cause = new Error("fsync");
    const { lifecycle } = noted({ close: () => Promise.reject(cause) });
    await lifecycle.open();
    const expected = { name: "StorageError", message: "Failed to close the store: fsync", cause };
    await assert.rejects(lifecycle.close(), expected);
    await assert.rejects(lifecycle.close(), expected);
  });
});
