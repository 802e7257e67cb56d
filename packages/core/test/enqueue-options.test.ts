import assert from "node:assert/strict";
import { type EnqueueOptions, Interval } from "@omniq/core";
import { describe, it } from "vitest";
import { ENQUEUE_DEFAULTS, newTask } from "../src/queue/enqueue-options.ts";
import { NOW } from "./support/records.ts";

function made(options: EnqueueOptions, defaults: EnqueueOptions = {}): ReturnType<typeof newTask> {
  return newTask("greet", { to: "Ada" }, defaults, options);
}

const bare = { name: "greet", payload: { to: "Ada" }, due: { inMs: 0 } };

describe("a task as the store takes it", () => {
  it("is due now, and leaves to the store what nobody says", () => {
    assert.deepEqual(made({}), bare);
  });

  it("has what the options say, in milliseconds", () => {
    assert.deepEqual(
      made({
        id: "task-1",
        queue: "mail",
        priority: 5,
        maxRetries: 0,
        retry: { strategy: "fixed", base: "2s" },
        timeout: "1m",
        keep: "result",
        resultTtl: "1h",
        maxRecoveries: 1,
        delay: "5s",
        headers: { trace: "t" },
        dedupe: { key: "k", window: "1m", debounce: true },
      }),
      {
        ...bare,
        id: "task-1",
        queue: "mail",
        priority: 5,
        maxRetries: 0,
        timeoutMs: 60_000,
        due: { inMs: 5000 },
        headers: { trace: "t" },
        policies: {
          retry: { strategy: "fixed", baseMs: 2000, maxMs: 60_000, jitter: 0.25 },
          keep: "result",
          resultTtlMs: 3_600_000,
          maxRecoveries: 1,
        },
        dedupe: { key: "k", windowMs: 60_000, debounce: true },
      },
    );
  });

  it("takes a result that lives for ever, and a dedupe key alone", () => {
    const task = made({ resultTtl: null, dedupe: { key: "k" } });
    assert.deepEqual([task.policies, task.dedupe], [{ resultTtlMs: null }, { key: "k" }]);
  });

  it("is due at its eta", () => {
    assert.deepEqual(made({ eta: new Date(NOW) }).due, { at: NOW });
  });

  it("repeats after an interval, by default after the end of each run", () => {
    const recurrence = { everyMs: 300_000, cadence: "after", missed: "skip", onFailure: "continue" };
    assert.deepEqual(made({ interval: { minutes: 5 } }).recurrence, recurrence);
    assert.deepEqual(made({ interval: new Interval(300_000) }).recurrence, recurrence);
    assert.deepEqual(
      made({ interval: "5m", cadence: "fixed", missed: "all", onFailure: "stop" }).recurrence,
      { everyMs: 300_000, cadence: "fixed", missed: "all", onFailure: "stop" },
    );
  });

  it.each([[0], ["0s"], [null]])("runs once with an interval of %o", (interval) => {
    assert.deepEqual(made({ interval }), bare);
  });
});

describe("the defaults of a definition", () => {
  const defaults = { queue: "mail", priority: 5, timeout: "1m", resultTtl: "1h" };

  it("hold where the enqueue says nothing, or undefined", () => {
    const options = { queue: undefined, priority: undefined } as unknown as EnqueueOptions;
    for (const own of [{}, options]) {
      assert.deepEqual(made(own, defaults), {
        ...bare,
        queue: "mail",
        priority: 5,
        timeoutMs: 60_000,
        policies: { resultTtlMs: 3_600_000 },
      });
    }
  });

  it("give way to the enqueue, to a null too", () => {
    const task = made({ queue: "other", priority: 0, resultTtl: null }, defaults);
    assert.deepEqual([task.queue, task.priority, task.policies], ["other", 0, { resultTtlMs: null }]);
  });

  it("are named once", () => {
    assert.deepEqual([...ENQUEUE_DEFAULTS].toSorted(), [
      "keep",
      "maxRecoveries",
      "maxRetries",
      "priority",
      "queue",
      "resultTtl",
      "retry",
      "timeout",
    ]);
  });
});

describe("options that are refused", () => {
  it.each<[code: string, options: Readonly<Record<string, unknown>>, field: string]>([
    ["unknown_option", { retries: 3 }, "retries"],
    ["unknown_option", { ETA: new Date(NOW) }, "ETA"],
    ["unknown_option", { retry: { atempts: 3 } }, "atempts"],
    ["unknown_option", { dedupe: { key: "k", windw: "1m" } }, "windw"],
    ["invalid_delay", { eta: new Date(NOW), delay: "5s" }, "delay"],
    ["invalid_eta", { eta: new Date(Number.NaN) }, "eta"],
    ["invalid_eta", { eta: new Date(-1) }, "eta"],
    ["invalid_eta", { eta: new Date(Date.UTC(10_000, 0)) }, "eta"],
    ["invalid_eta", { eta: "tomorrow" }, "eta"],
    ["invalid_eta", { eta: null }, "eta"],
    ["invalid_duration", { delay: "soon" }, "delay"],
    ["invalid_duration", { delay: -1 }, "delay"],
    ["invalid_duration", { timeout: "soon" }, "timeout"],
    ["invalid_duration", { interval: "often" }, "interval"],
    ["invalid_duration", { resultTtl: -5 }, "resultTtl"],
    ["invalid_duration", { dedupe: { key: "k", window: "x" } }, "dedupe.window"],
    ["invalid_duration", { retry: { base: "x" } }, "retry.base"],
    ["invalid_retry", { retry: { strategy: "x" } }, "retry.strategy"],
    ["invalid_retry", { retry: null }, "retry"],
    // A function cannot be stored: it belongs to the definition.
    ["invalid_retry", { retry: () => "5s" }, "retry"],
  ])("as %s: %o", (code, options, field) => {
    assert.throws(() => made(options), { name: "ValidationError", code, field });
  });
});
