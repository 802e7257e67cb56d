import { expect, test } from "vitest";
import { contestsOf } from "../src/contests.ts";
import { TARGETS } from "../src/results/all-targets.ts";
import { FULL, SHORT } from "../src/sizes.ts";
import { STORES } from "../src/system.ts";

test.each(STORES)("every target on %s is about something that a full round measures", (store) => {
  const measured = contestsOf(store, FULL).flatMap(({ workload, concurrency, entrants }) =>
    entrants.map(({ system, mode }) => `${system} ${workload} ${mode} c${concurrency}`),
  );
  const wanted = TARGETS.filter((target) => target.store === store).map(
    ({ workload, mode, concurrency }) => `omniq ${workload} ${mode} c${concurrency}`,
  );
  expect(measured).toEqual(expect.arrayContaining(wanted));
});

test.each(STORES)("a short round on %s has all workloads", (store) => {
  const workloads = new Set(contestsOf(store, SHORT).map(({ workload }) => workload));
  for (const id of ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9"]) expect(workloads).toContain(id);
});
