import { type Contest, type Entrant, entrant } from "./contest.ts";
import type { Step } from "./job.ts";
import type { Sizes } from "./sizes.ts";
import type { Store } from "./system.ts";

/** W5: how many wait, and how many have finished. Each is compared with the one where 10,000 wait. */
export function growth(sizes: Sizes): Contest {
  const grown = (mode: string, waiting: number, finished: number): Entrant => {
    const total = Math.min(waiting, sizes.grown);
    return omniq(mode, total, [
      { kind: "grow", waiting, finished },
      { kind: "drain-some", total, waiting, finished },
    ]);
  };
  return {
    workload: "W5",
    concurrency: 10,
    entrants: [
      ...sizes.waiting.map((waiting) => grown(`${text(waiting)} waiting`, waiting, 0)),
      ...sizes.finished.map((finished) => grown(`${text(finished)} finished`, sizes.grown, finished)),
    ],
  };
}

/** What only OmniQ is asked: W7, W8, W9 and what its requirements say of errors and of the older interface. */
export function omniqAlone(store: Store, sizes: Sizes): readonly Contest[] {
  const crash = omniq("lease of 5 s", sizes.crash, [{ kind: "crash", total: sizes.crash, leaseMs: 5000 }]);
  const logging = [false, true].map((logs) =>
    omniq(logs ? "INFO to a file" : "off", sizes.logged, [{ kind: "logging", total: sizes.logged, logs }]),
  );
  const beside = omniq("beside a drain", sizes.beside, [
    { kind: "fill", total: sizes.besides },
    { kind: "enqueue-beside", total: sizes.beside, waiting: sizes.besides, concurrency: 10 },
  ]);
  const contests: Contest[] = [
    { workload: "W7", concurrency: 10, entrants: [crash] },
    { workload: "W8", concurrency: 10, entrants: logging },
    { workload: "W9", concurrency: 10, entrants: [beside] },
  ];
  if (store !== "sqlite") return contests;
  const made = omniq("made and written", sizes.errors, [{ kind: "make-errors", total: sizes.errors }]);
  const stored = [false, true].map((withErrors) =>
    omniq(withErrors ? "with stored errors" : "without errors", sizes.drain, [
      { kind: "stored-errors", total: sizes.drain, withErrors },
    ]),
  );
  const over = (["queue", "storage"] as const).map((what) =>
    omniq(`worker over a ${what}`, sizes.drain, [
      { kind: "worker-made-over", total: sizes.drain, over: what },
    ]),
  );
  return [
    ...contests,
    { workload: "errors", concurrency: 1, entrants: [made] },
    { workload: "errors", concurrency: 10, entrants: stored },
    { workload: "errors", concurrency: 10, entrants: over },
  ];
}

function omniq(mode: string, tasks: number, steps: readonly Step[]): Entrant {
  return entrant("omniq", mode, tasks, steps);
}

function text(count: number): string {
  return count.toLocaleString("en");
}
