import assert from "node:assert/strict";
import type { RetryOptions } from "@omniq/core";
import { describe, it } from "vitest";
import { DEFAULT_RETRY_POLICY, type RetryPolicy, backoffMs, retryPolicy } from "../src/model/retry-policy.ts";

const middle = (): number => 0.5;
const lowest = (): number => 0;
const highest = (): number => 1 - Number.EPSILON;

describe("the default backoff", () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [4, 8000],
    [5, 16_000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [60, 60_000],
    [2_000_000, 60_000],
  ])("before retry %d is %d ms, times 0.75 to 1.25", (retry, ms) => {
    assert.equal(backoffMs(DEFAULT_RETRY_POLICY, retry, lowest), ms * 0.75);
    assert.equal(backoffMs(DEFAULT_RETRY_POLICY, retry, middle), ms);
    assert.equal(backoffMs(DEFAULT_RETRY_POLICY, retry, highest), ms * 1.25);
  });
});

describe("a strategy", () => {
  const policy: RetryPolicy = { strategy: "fixed", baseMs: 300, maxMs: 1000, jitter: 0 };

  it.each<[strategy: RetryPolicy["strategy"], delays: readonly number[]]>([
    ["fixed", [300, 300, 300, 300]],
    ["linear", [300, 600, 900, 1000]],
    ["exponential", [300, 600, 1000, 1000]],
  ])("%s grows as it says, up to the most", (strategy, delays) => {
    const seen = [1, 2, 3, 4].map((retry) => backoffMs({ ...policy, strategy }, retry, highest));
    assert.deepEqual(seen, delays);
  });

  it("may wait longer than the most by its jitter, and not at all", () => {
    assert.equal(backoffMs({ ...policy, jitter: 1 }, 1, highest), 600);
    assert.equal(backoffMs({ ...policy, jitter: 1 }, 1, lowest), 0);
  });

  it.each<RetryPolicy["strategy"]>(["fixed", "linear", "exponential"])(
    "%s with no base never waits, however often",
    (strategy) => {
      for (const retry of [1, 100, 2 ** 31 - 1]) {
        assert.equal(backoffMs({ ...policy, strategy, baseMs: 0 }, retry, middle), 0);
      }
    },
  );
});

describe("a policy as users write it", () => {
  it("is the default where nothing is said", () => {
    assert.deepEqual(retryPolicy({}), DEFAULT_RETRY_POLICY);
  });

  it("takes durations", () => {
    assert.deepEqual(retryPolicy({ strategy: "linear", base: "2s", max: { minutes: 5 }, jitter: 0 }), {
      strategy: "linear",
      baseMs: 2000,
      maxMs: 300_000,
      jitter: 0,
    });
  });

  it("never cuts the first delay short where no longest one is given", () => {
    assert.equal(retryPolicy({ base: "10m" }).maxMs, 600_000);
    assert.equal(retryPolicy({ base: "10m", max: "5m" }).maxMs, 300_000);
  });

  it.each<[options: unknown, code: string, field: string]>([
    [{ strategy: "quadratic" }, "invalid_retry", "retry.strategy"],
    [{ strategy: null }, "invalid_retry", "retry.strategy"],
    [{ strategy: "toString" }, "invalid_retry", "retry.strategy"],
    [{ jitter: -0.1 }, "invalid_retry", "retry.jitter"],
    [{ jitter: 1.1 }, "invalid_retry", "retry.jitter"],
    [{ jitter: Number.NaN }, "invalid_retry", "retry.jitter"],
    [{ base: "soon" }, "invalid_duration", "retry.base"],
    [{ max: -1 }, "invalid_duration", "retry.max"],
    [null, "invalid_retry", "retry"],
    ["fixed", "invalid_retry", "retry"],
    [3, "invalid_retry", "retry"],
  ])("is refused: %o", (options, code, field) => {
    assert.throws(() => retryPolicy(options as RetryOptions), { code, field });
  });
});
