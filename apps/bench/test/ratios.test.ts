import { describe, expect, test } from "vitest";
import { ratiosOf } from "../src/results/ratios.ts";
import { median, summaryOf } from "../src/results/summary.ts";
import { row } from "./row.ts";

describe("ratios", () => {
  const ours = row({ rate: 30_000 });

  test("are taken to the fastest peer and to bare code", () => {
    const rows = [
      ours,
      row({ system: "slow", rate: 10_000 }),
      row({ system: "fast", rate: 20_000 }),
      row({ system: "raw", rate: 40_000 }),
    ];
    expect(ratiosOf(ours, rows)).toEqual({ bestPeer: "fast", ratioToBestPeer: 1.5, ratioToRaw: 0.75 });
  });

  test("are taken within one store, workload, mode and concurrency", () => {
    const others = [
      row({ system: "fast", rate: 1, store: "redis" }),
      row({ system: "fast", rate: 1, workload: "W2" }),
      row({ system: "fast", rate: 1, mode: "deleted" }),
      row({ system: "fast", rate: 1, concurrency: 64 }),
    ];
    expect(ratiosOf(ours, [ours, ...others])).toEqual({
      bestPeer: null,
      ratioToBestPeer: null,
      ratioToRaw: null,
    });
  });

  test("of times and sizes are turned round: less is better", () => {
    const quick = row({ workload: "W4", mode: "idle", p50: 2 });
    const peer = row({ ...quick, system: "peer", p50: 3 });
    expect(ratiosOf(quick, [quick, peer])).toMatchObject({ bestPeer: "peer", ratioToBestPeer: 1.5 });
    const small = row({ workload: "W6", bytesPerTask: 400 });
    const large = row({ ...small, system: "peer", bytesPerTask: 200 });
    expect(ratiosOf(small, [small, large]).ratioToBestPeer).toBe(0.5);
  });

  test("leave out a peer that could not be measured", () => {
    const broken = row({ system: "broken", error: "It could not be installed" });
    const peer = row({ system: "peer", rate: 15_000 });
    expect(ratiosOf(ours, [ours, broken, peer])).toMatchObject({ bestPeer: "peer", ratioToBestPeer: 2 });
    expect(ratiosOf(ours, [ours, broken]).bestPeer).toBeNull();
  });

  test("are not told of the peers themselves", () => {
    const peer = row({ system: "peer", rate: 15_000 });
    expect(ratiosOf(peer, [ours, peer]).ratioToBestPeer).toBeNull();
  });
});

describe("the summary of rounds", () => {
  test("has the median, and the least and the greatest of the first figure", () => {
    const rounds = [
      { rate: 30, p50: 1 },
      { rate: 10, p50: 3 },
      { rate: 20, p50: 2 },
    ];
    expect(summaryOf(rounds)).toEqual({ figures: { rate: 20, p50: 2 }, spread: [10, 30] });
  });

  test("has the most of memory and of what went wrong", () => {
    const rounds = [
      { seconds: 5, lost: 0, runTwice: 10, peakRssMb: 90 },
      { seconds: 6, lost: 1, runTwice: 9, peakRssMb: 95 },
      { seconds: 7, lost: 0, runTwice: 8, peakRssMb: 80 },
    ];
    expect(summaryOf(rounds).figures).toEqual({ seconds: 6, lost: 1, runTwice: 10, peakRssMb: 95 });
  });

  test("takes the mean of the two in the middle", () => {
    expect(median([4, 1, 2, 9])).toBe(3);
  });
});
