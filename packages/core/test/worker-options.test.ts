import assert from "node:assert/strict";
import { TaskQueue, silentLogger } from "@omniq/core";
import { describe, it } from "vitest";
import { workerSettings } from "../src/worker/worker-options.ts";
import { fakeStorage } from "./support/fake-storage.ts";

const queue = new TaskQueue({ storage: fakeStorage(), logger: silentLogger });

const DAY_MS = 86_400_000;

function settings(options: object = {}): ReturnType<typeof workerSettings> {
  return workerSettings({ queue, ...options }, queue, () => "0197-abcdef");
}

describe("the settings of a worker", () => {
  it("have defaults", () => {
    const { workerId, ...others } = settings();
    assert.match(workerId, new RegExp(`-${process.pid}-abcdef$`));
    assert.deepEqual(others, {
      concurrency: 1,
      prefetch: 1,
      rotation: null,
      pollMs: 1000,
      leaseMs: 30_000,
      shutdownMs: 30_000,
      handleSignals: false,
      logger: silentLogger,
      retention: {
        succeeded: 7 * DAY_MS,
        failed: 30 * DAY_MS,
        cancelled: 7 * DAY_MS,
        events: 7 * DAY_MS,
      },
    });
  });

  it("say how long what has ended is kept", () => {
    const { retention } = settings({ retention: { succeeded: "2d", failed: null, events: 0 } });
    assert.deepEqual(retention, { succeeded: 2 * DAY_MS, failed: null, cancelled: 7 * DAY_MS, events: 0 });
    assert.equal(settings({ retention: false }).retention, null);
    assert.throws(() => settings({ retention: { results: "1d" } as never }), { code: "unknown_option" });
  });

  it("are what the options say", () => {
    const options = { concurrency: 8, lease: "5s", pollInterval: "2s", shutdownTimeout: 0, workerId: "w" };
    const made = settings({ ...options, handleSignals: true });
    assert.partialDeepStrictEqual(made, {
      concurrency: 8,
      leaseMs: 5000,
      pollMs: 2000,
      shutdownMs: 0,
      workerId: "w",
      handleSignals: true,
    });
  });

  it("serve the queues that are named, by their weight", () => {
    const { rotation } = settings({ queues: ["mail", { name: "bulk", weight: 2 }, { name: "slow" }] });
    assert.deepEqual(rotation?.names, ["mail", "bulk", "slow"]);
    assert.deepEqual(rotation.next(3)[0], { name: "bulk", limit: 3 });
    const strict = settings({ queues: ["mail", { name: "bulk", weight: 2 }], strict: true });
    assert.deepEqual(strict.rotation?.next(3)[0], { name: "mail", limit: 3 });
  });

  it.each<[code: string, options: object]>([
    ["unknown_option", { threads: 4 }],
    ["invalid_concurrency", { concurrency: 0 }],
    ["invalid_concurrency", { concurrency: 1.5 }],
    ["invalid_worker_id", { workerId: "" }],
    ["invalid_duration", { lease: "soon" }],
    ["invalid_lease", { lease: 0 }],
    ["invalid_poll_interval", { pollInterval: 0 }],
    ["invalid_duration", { shutdownTimeout: -1 }],
    ["invalid_queues", { queues: [] }],
    ["invalid_queue", { queues: [""] }],
    ["invalid_weight", { queues: [{ name: "mail", weight: 0 }] }],
    ["unknown_option", { queues: [{ name: "mail", wait: 1 }] }],
  ])("are refused as %s: %o", (code, options) => {
    assert.throws(() => settings(options), { name: "ValidationError", code });
  });

  it("are refused with what they may be", () => {
    assert.throws(() => settings({ lease: "1ms" }), {
      message:
        "lease 1 is not usable: it must be a whole number of milliseconds from 3 to 31,622,400,000,000.",
    });
    assert.throws(() => settings({ queues: [] }), {
      message: "queues names 0 queues. Name from 1 to 1,000, or leave it out to serve all.",
    });
  });
});
